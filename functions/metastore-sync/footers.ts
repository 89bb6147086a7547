import pLimit from 'p-limit';
import { asError, isError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { type Column, hiveColumns } from '#shared/parquet/columns.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import type { TopicSettings } from './config.ts';
import type { Problem } from './problem.ts';
import type { ViewedFile } from './view.ts';

/** Reads footers and keeps one copy of each schema, so that memory grows with the schemas and not with the files. */
export class FooterReader {
  readonly #hdfs: Pick<WebHdfs, 'read'>;
  readonly #schemas = new Map<string, readonly Column[]>();
  /** Footers read so far. */
  count = 0;

  readonly #limit: ReturnType<typeof pLimit>;

  constructor(hdfs: Pick<WebHdfs, 'read'>, concurrency: number) {
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
      const { metadata, rows } = await readFooter({
        path: file.path,
        length: file.length,
        read: (offset, length) => this.#hdfs.read(file.path, offset, length),
      });
      const found = hiveColumns(metadata.schema);
      const keys = new Set(topic.templates[0]?.keys.map((key) => key.name));
      const about = { topic: topic.topic, path: file.path };
      const problems: Problem[] = [
        ...found.problems.map((problem): Problem => ({
          ...about,
          code: 'column.unsupported',
          column: problem.column,
          found: problem.found,
          message: `column ${problem.column} (${problem.found}) of ${file.path}: ${problem.reason}`,
        })),
        ...found.notes.map((note): Problem => ({
          ...about,
          code: 'column.note',
          column: note.column,
          message: `column ${note.column} of ${file.path}: ${note.note}`,
        })),
        ...found.columns
          .filter((column) => keys.has(column.name))
          .map((column): Problem => ({
            ...about,
            code: 'column.note',
            column: column.name,
            message: `column ${column.name} of ${file.path} is also a partition key: the path's value is the one that SQL shows`,
          })),
      ];
      const columns = found.columns.filter((column) => !keys.has(column.name));
      return { ...file, footer: { columns: this.#shared(columns), rows: Number(rows), problems } };
    } catch (error) {
      return { ...file, footer: { problem: fileProblem(file, topic, error) } };
    }
  }

  #shared(columns: readonly Column[]): readonly Column[] {
    const text = JSON.stringify(columns);
    const known = this.#schemas.get(text);
    if (known === undefined) this.#schemas.set(text, columns);
    return known ?? columns;
  }
}

function fileProblem(file: ViewedFile, topic: TopicSettings, thrown: unknown): Problem {
  const error = asError(thrown);
  const about = { topic: topic.topic, path: file.path, message: error.message };
  if (isError(error, 'hdfs.not_found')) return { ...about, code: 'file.vanished' };
  if (isError(error, 'parquet.empty')) return { ...about, code: 'file.empty' };
  // A file that we may not read is a problem of that file; a NameNode that is down is none.
  if (error.code.startsWith('parquet.') || isError(error, 'hdfs.access_denied'))
    return { ...about, code: 'file.unreadable' };
  throw error;
}
