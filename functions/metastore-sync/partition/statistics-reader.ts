import pLimit from 'p-limit';
import { asError, LakewardenError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { hiveStatistics } from '#shared/hive/column-statistics.ts';
import type { ColumnStatisticsObj } from '#shared/hive/metastore.ts';
import { digestFiles } from '#shared/lake/file-digest.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import type { Column } from '#shared/parquet/columns.ts';
import { readDictionarySizes } from '#shared/parquet/dictionary.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import {
  fileStatistics,
  mergePartitions,
  type PartitionStatistics,
  partitionStatistics,
} from '#shared/parquet/statistics.ts';
import type { PlannedPartition } from './planned-partition.ts';

/** How statistics of columns are read. */
export interface StatisticsOptions {
  /** The table's columns. */
  readonly columns: readonly Column[];
  /** True to read the headers of dictionaries, too. */
  readonly distinctValues: boolean;
  /** True for a metastore before Hive 4. */
  readonly timestampsAsLong: boolean;
  /** Reads of HDFS under way at once. */
  readonly concurrency: number;
}

/** Reads the statistics of the columns of partitions from the footers of all their files. */
export class StatisticsReader {
  readonly #hdfs: Pick<WebHdfs, 'list' | 'read'>;
  readonly #options: StatisticsOptions;
  readonly #limit: ReturnType<typeof pLimit>;

  constructor(hdfs: Pick<WebHdfs, 'list' | 'read'>, options: StatisticsOptions) {
    this.#hdfs = hdfs;
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
  }

  /** What is known for certain of each column; nothing when something is left out, or the files are not as planned any more. */
  async read({ path, digest, leftOut }: PlannedPartition): Promise<ColumnStatisticsObj[]> {
    if (leftOut !== undefined) return [];
    const { columns } = this.#options;
    let whole = partitionStatistics([], columns);
    try {
      const files = await this.#limit(() => this.#list(path));
      if (digestFiles(files) !== digest) return [];
      const parts = files.map(async (file) => {
        const part = await this.#limit(() => this.#readFile(file));
        // Merged at once, so that memory does not grow with the files.
        whole = mergePartitions(whole, part);
      });
      await Promise.all(parts);
    } catch (thrown) {
      const { code } = asError(thrown);
      if (!code.startsWith('parquet.') && !filesChanged.has(code)) throw thrown;
      return [];
    }
    return columns.flatMap((column) => {
      const statistics = whole.columns.get(column.name);
      return (statistics && hiveStatistics(column, statistics, this.#options)) ?? [];
    });
  }

  async #list(path: string): Promise<DataFile[]> {
    const files: DataFile[] = [];
    for await (const file of this.#hdfs.list(path))
      if (file.type === 'FILE' && file.length > 0 && !isHiddenName(file.name)) files.push(file);
    return files;
  }

  async #readFile({ path, length }: DataFile): Promise<PartitionStatistics> {
    const { columns, distinctValues } = this.#options;
    const source = { path, length, read: (offset: number, size: number) => this.#hdfs.read(path, offset, size) };
    const footer = await readFooter(source);
    if (footer.encryptedColumns) throw new LakewardenError('parquet.encrypted', `${path} has encrypted columns`);
    const dictionaries = distinctValues ? await readDictionarySizes(source, footer.metadata) : undefined;
    return partitionStatistics([fileStatistics(footer, dictionaries)], columns);
  }
}

interface DataFile {
  readonly name: string;
  readonly path: string;
  readonly length: number;
  readonly modificationTime: number;
}

/** What reading a file is answered by when it is not as listed any more. */
const filesChanged: ReadonlySet<string> = new Set(['hdfs.not_found', 'hdfs.access_denied', 'hdfs.invalid']);
