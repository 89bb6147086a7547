import { expect, test } from '@jest/globals';
import { array, assert, property, string } from 'fast-check';
import { toPath, toUri } from '#shared/hdfs/location.ts';
import { cleanPath, encodePath } from '#shared/hdfs/path.ts';

const defaultFs = 'hdfs://namenode:8020';
const names = array(
  string({ unit: 'binary', minLength: 1 }).filter((name) => name.isWellFormed() && !/^\.\.?$|[/:\0]/.test(name)),
);
const paths = names.map((parts) => `/${parts.join('/')}`);

test('a clean path stays as it is, and its location leads back to it', () => {
  assert(
    property(paths, (path) => {
      expect(cleanPath(path)).toBe(path);
      expect(toPath(toUri(path, defaultFs), { defaultFs })).toBe(path);
      expect(toPath(`${defaultFs}${encodePath(path)}`, { defaultFs }, { encoded: true })).toBe(path);
    }),
  );
});

test('whatever comes in, what comes out is clean or an error of ours', () => {
  assert(
    property(string({ unit: 'binary' }), (text) => {
      for (const encoded of [false, true]) {
        for (const location of [text, `/${text}`, `${defaultFs}/${text}`]) {
          let path: string;
          try {
            path = toPath(location, { defaultFs }, { encoded });
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^path\./) });
            continue;
          }
          expect(cleanPath(path)).toBe(path);
        }
      }
    }),
  );
});
