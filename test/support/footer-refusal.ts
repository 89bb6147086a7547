import { expect } from '@jest/globals';
import { isError } from '#shared/errors/error.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { bytesSource } from './parquet-file.ts';

/** Why the footer of a file is refused, with the code of the error, which names the file and wants no second try. */
export async function refusalOf(bytes: Uint8Array, options: Parameters<typeof readFooter>[1] = {}): Promise<string> {
  const source = bytesSource(bytes);
  const error = await readFooter(source, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isError(error)) throw new Error(`no refusal but ${String(error)}`);
  expect(error.message).toContain(source.path);
  expect(error.details['path']).toBe(source.path);
  expect(error.disposition).toBe('reject');
  return `${error.code}: ${error.details['reason']}`;
}
