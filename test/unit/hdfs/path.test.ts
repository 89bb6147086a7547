import { describe, expect, test } from '@jest/globals';
import { toPath, toUri } from '#shared/hdfs/location.ts';
import { cleanPath } from '#shared/hdfs/path.ts';

describe('a path', () => {
  test.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['//a///b//', '/a/b'],
    ['/a/b=1%3A00/..c/.d', '/a/b=1%3A00/..c/.d'],
  ])('%j is cleaned to %j', (path, clean) => expect(cleanPath(path)).toBe(clean));

  test.each([
    ['', 'not absolute'],
    ['a/b', 'not absolute'],
    ['/a/../b', 'contains ".."'],
    ['/a/.', 'contains "."'],
    ['/a\0b', 'NUL'],
    ['/a/12:00', 'colon'],
    ['/\ud800', 'Unicode'],
  ])('%j is refused: %s', (path, reason) => {
    expect(() => cleanPath(path)).toThrow(
      expect.objectContaining({ code: 'path.invalid', message: expect.stringContaining(reason) }),
    );
  });
});

describe('a location', () => {
  const names = {
    defaultFs: 'hdfs://NameNode:8020',
    aliases: ['webhdfs://namenode:9870', 'hdfs://nameservice1', 'swebhdfs://namenode:9871/'],
  };

  test.each([
    ['/golden//clicks/', '/golden/clicks'],
    ['hdfs://namenode:8020/golden', '/golden'],
    ['HDFS://namenode/golden', '/golden'],
    ['hdfs:///golden', '/golden'],
    ['hdfs:/golden', '/golden'],
    ['hdfs://namenode', '/'],
    ['hdfs://nameservice1/golden', '/golden'],
    ['webhdfs://namenode:9870/golden', '/golden'],
    ['swebhdfs://namenode/golden', '/golden'],
    ['hdfs://namenode/ts=12%3A00/a b?#', '/ts=12%3A00/a b?#'],
    ['/ts=12%3A00/line\nend', '/ts=12%3A00/line\nend'],
  ])('%j as Hadoop writes it is %j', (location, path) => expect(toPath(location, names)).toBe(path));

  test.each([
    ['hdfs://namenode:8020/a%20b%2B+%C3%BC', '/a b++ü'],
    ['/a%20b', '/a%20b'],
  ])('%j as an encoded reference is %j', (location, path) =>
    expect(toPath(location, names, { encoded: true })).toBe(path),
  );

  test.each([
    'hdfs://other:8020/golden',
    'hdfs://namenode:8021/golden',
    'hdfs://user@namenode:8020/golden',
    'webhdfs:///golden',
    's3a://bucket/golden',
    'file:///etc/passwd',
    'file:/etc/passwd',
  ])('%j lies on another file system', (location) => {
    expect(() => toPath(location, names)).toThrow(expect.objectContaining({ code: 'path.outside_root' }));
  });

  test.each(['golden/clicks', 'hdfs://namenode/a/../b', 'hdfs://namenode/a:b', 'C:\\golden', ''])(
    '%j is no path',
    (location) => {
      expect(() => toPath(location, names)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^path\.(invalid|outside_root)$/) }),
      );
    },
  );

  test.each(['/a%2Fb', '/a%', '/%ff', '/a?b', '/a#b', '/%2e%2e/b', '/a%00', '/a%3Ab'])(
    'the encoded path %j is refused',
    (path) => {
      expect(() => toPath(`hdfs://namenode${path}`, names, { encoded: true })).toThrow(
        expect.objectContaining({ code: 'path.invalid' }),
      );
    },
  );

  test('is written as Hive writes it', () => {
    expect(toUri('/golden/ts=12%3A00', 'hdfs://namenode:8020/')).toBe('hdfs://namenode:8020/golden/ts=12%3A00');
  });
});
