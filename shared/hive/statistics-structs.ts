import { list, map, struct, type Value } from './thrift/types.ts';

// Ids and types are those of hive_metastore.thrift, Hive 4.0.1. `bitVectors` is a sketch from which the server merges
// numbers of distinct values; lows and highs are left out when they are not known.

const spread = { numNulls: [3, 'i64', 'required'], numDVs: [4, 'i64', 'required'], bitVectors: [5, 'binary'] } as const;
const Decimal = struct('Decimal', { unscaled: [1, 'binary', 'required'], scale: [3, 'i16', 'required'] });
const Date = struct('Date', { daysSinceEpoch: [1, 'i64', 'required'] });
const Timestamp = struct('Timestamp', { secondsSinceEpoch: [1, 'i64', 'required'] });

/** Statistics of a column: one of the kinds. Decimals are big-endian two's complement bytes with a scale. */
const ColumnStatisticsData = struct('ColumnStatisticsData', {
  booleanStats: [
    1,
    struct('BooleanColumnStatsData', {
      numTrues: [1, 'i64', 'required'],
      numFalses: [2, 'i64', 'required'],
      numNulls: [3, 'i64', 'required'],
      bitVectors: [4, 'binary'],
    }),
  ],
  longStats: [2, struct('LongColumnStatsData', { lowValue: [1, 'i64'], highValue: [2, 'i64'], ...spread })],
  doubleStats: [3, struct('DoubleColumnStatsData', { lowValue: [1, 'double'], highValue: [2, 'double'], ...spread })],
  stringStats: [
    4,
    struct('StringColumnStatsData', {
      maxColLen: [1, 'i64', 'required'],
      avgColLen: [2, 'double', 'required'],
      ...spread,
    }),
  ],
  binaryStats: [
    5,
    struct('BinaryColumnStatsData', {
      maxColLen: [1, 'i64', 'required'],
      avgColLen: [2, 'double', 'required'],
      numNulls: [3, 'i64', 'required'],
      bitVectors: [4, 'binary'],
    }),
  ],
  decimalStats: [6, struct('DecimalColumnStatsData', { lowValue: [1, Decimal], highValue: [2, Decimal], ...spread })],
  dateStats: [7, struct('DateColumnStatsData', { lowValue: [1, Date], highValue: [2, Date], ...spread })],
  timestampStats: [
    8,
    struct('TimestampColumnStatsData', { lowValue: [1, Timestamp], highValue: [2, Timestamp], ...spread }),
  ],
});
export type ColumnStatisticsData = Value<typeof ColumnStatisticsData>;

/** The statistics of one column. */
export const ColumnStatisticsObj = struct('ColumnStatisticsObj', {
  colName: [1, 'string', 'required'],
  colType: [2, 'string', 'required'],
  statsData: [3, ColumnStatisticsData, 'required'],
});
export type ColumnStatisticsObj = Value<typeof ColumnStatisticsObj>;

const ColumnStatisticsDesc = struct('ColumnStatisticsDesc', {
  isTblLevel: [1, 'bool', 'required'],
  dbName: [2, 'string', 'required'],
  tableName: [3, 'string', 'required'],
  partName: [4, 'string'],
  lastAnalyzed: [5, 'i64'],
});

/** The statistics of the columns of a table or partition. */
const ColumnStatistics = struct('ColumnStatistics', {
  statsDesc: [1, ColumnStatisticsDesc, 'required'],
  statsObj: [2, list(ColumnStatisticsObj), 'required'],
  engine: [4, 'string'],
});

/** What set_aggr_stats_for asks. */
export const SetPartitionsStatsRequest = struct('SetPartitionsStatsRequest', {
  colStats: [1, list(ColumnStatistics), 'required'],
  needMerge: [2, 'bool'],
  engine: [5, 'string'],
});

/** What get_partitions_statistics_req and get_aggr_stats_for ask. */
export const PartitionsStatsRequest = struct('PartitionsStatsRequest', {
  dbName: [1, 'string', 'required'],
  tblName: [2, 'string', 'required'],
  colNames: [3, list('string'), 'required'],
  partNames: [4, list('string'), 'required'],
  engine: [7, 'string'],
});

/** What get_partitions_statistics_req answers: statistics of columns by partition name. */
export const PartitionsStatsResult = struct('PartitionsStatsResult', {
  partStats: [1, map('string', list(ColumnStatisticsObj)), 'required'],
});
