import { type DeepMergeOptions, deepMerge } from '#shared/parquet/deep-merge/merge.ts';
import type { RangedSource } from '#shared/parquet/footer.ts';
import { bytesSource } from './parquet-file.ts';

/** The bytes that a deep merge of files makes. */
export async function deepMergeFiles(files: readonly Uint8Array[], options?: DeepMergeOptions): Promise<Uint8Array> {
  return deepMergeSources(
    files.map((file, index) => bytesSource(file, `/golden/clicks/${index}.parquet`)),
    options,
  );
}

/** The bytes that a deep merge of sources makes. */
export async function deepMergeSources(
  sources: readonly RangedSource[],
  options?: DeepMergeOptions,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const result = await deepMerge(
    sources,
    {
      write: async (bytes) => {
        chunks.push(bytes.slice());
      },
    },
    options,
  );
  const bytes = new Uint8Array(Buffer.concat(chunks));
  if (bytes.length !== result.length) throw new Error(`${result.length} bytes were told, ${bytes.length} written`);
  return bytes;
}
