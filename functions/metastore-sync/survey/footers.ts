import pLimit from 'p-limit';
import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { type Column, hiveColumns } from '#shared/parquet/columns.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import type { TopicSettings } from '../config.ts';
import { mergedOffsets } from '../completeness/offsets.ts';
import type { Problem } from '../problem.ts';
import type { ViewedFile } from '../view.ts';

interface FileSchema {
  readonly columns: readonly Column[];
  readonly notes: readonly { readonly column: string; readonly note: string }[];
}

/** So many files that cannot be fetched, and none that can in between, tell of trouble of HDFS and not of the files. */
const unavailableAtMost = 32;

/** Reads footers and keeps one copy of each schema, so that memory grows with the schemas and not with the files. */
export class FooterReader {
  readonly #hdfs: Pick<WebHdfs, 'read' | 'statusIfExists'>;
  readonly #schemas = new Map<string, FileSchema>();
  /** Footers read so far. */
  count = 0;
  #unavailableInARow = 0;

  readonly #limit: ReturnType<typeof pLimit>;

  constructor(hdfs: Pick<WebHdfs, 'read' | 'statusIfExists'>, concurrency: number) {
    this.#hdfs = hdfs;
    this.#limit = pLimit(concurrency);
  }

  /** The file with what its footer says. Trouble of the service is thrown; trouble of the file is its `problem`. */
  inspect(file: ViewedFile, topic: TopicSettings): Promise<ViewedFile> {
    return this.#limit(() => this.#inspect(file, topic));
  }

  async #inspect(file: ViewedFile, topic: TopicSettings): Promise<ViewedFile> {
    this.count += 1;
    try {
      const { schema, rows, encryptedColumns, keyValueMetadata } = await readFooter({
        path: file.path,
        length: file.length,
        read: (offset, length) => this.#hdfs.read(file.path, offset, length),
      });
      this.#unavailableInARow = 0;
      if (encryptedColumns) throw new LakewardenError('parquet.encrypted', `${file.path} has encrypted columns`);
      const found = hiveColumns(schema);
      const keys = new Set(topic.templates[0]?.keys.map((key) => key.name));
      const columns = found.columns.filter((column) => !keys.has(column.name));
      const shadowed = found.columns.filter((column) => keys.has(column.name));
      const problems = found.problems.map(({ column, found: type, reason }): Problem => ({
        topic: topic.topic,
        path: file.path,
        code: 'column.unsupported',
        column,
        found: type,
        message: `${file.path} (${type}): ${reason}`,
      }));
      const notes = [
        ...found.notes.map(({ column, note }) => ({ column, note })),
        ...shadowed.map(({ name: column }) => ({
          column,
          note: `column '${column}' is also a partition key, and SQL shows the value of the path`,
        })),
      ];
      const offsets = mergedOffsets(keyValueMetadata);
      return {
        ...file,
        footer: { ...this.#share({ columns, notes }), rows: Number(rows), problems, ...(offsets && { offsets }) },
      };
    } catch (error) {
      return {
        ...file,
        footer: { problem: fileProblem(file, topic, error) ?? (await this.#lost(file, topic, error)) },
      };
    }
  }

  /** A block may be lost, or its DataNode away: that must not hold up other files as long as HDFS works. */
  async #lost(file: ViewedFile, topic: TopicSettings, thrown: unknown): Promise<Problem> {
    if (!isError(thrown, 'hdfs.unavailable', 'deadline.exceeded')) throw thrown;
    this.#unavailableInARow += 1;
    if (this.#unavailableInARow > unavailableAtMost) throw thrown;
    // A NameNode that is away, too, fails this call and so the run.
    const isThere = (await this.#hdfs.statusIfExists(file.path)) !== undefined;
    const code = isThere ? 'file.unavailable' : 'file.vanished';
    return { topic: topic.topic, path: file.path, code, message: thrown.message };
  }

  /** The first of equal schemas. */
  #share(schema: FileSchema): FileSchema {
    const text = JSON.stringify(schema);
    const known = this.#schemas.get(text);
    if (known === undefined) this.#schemas.set(text, schema);
    return known ?? schema;
  }
}

/** What is wrong with the file itself; undefined when the trouble is not of its making. */
function fileProblem(file: ViewedFile, topic: TopicSettings, thrown: unknown): Problem | undefined {
  const error = asError(thrown);
  const about = { topic: topic.topic, path: file.path, message: error.message };
  if (error.code === 'hdfs.not_found') return { ...about, code: 'file.vanished' };
  if (error.code === 'parquet.empty') return { ...about, code: 'file.empty' };
  // A file that we may not read, or that got shorter since it was listed, is a problem of that file.
  if (error.code.startsWith('parquet.') || error.code === 'hdfs.access_denied' || error.code === 'hdfs.invalid')
    return { ...about, code: 'file.unreadable' };
  return undefined;
}
