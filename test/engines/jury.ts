import type { SyncLake } from '../support/sync-lake.ts';
import { engines } from './addresses.ts';
import type { Answer } from './answer.ts';
import { askSpark } from './spark-client.ts';
import { askTrino } from './trino-client.ts';

/** An answer of each engine by its name. */
export type Verdict<T> = Readonly<Record<string, T>>;

/** Trino, Hive, and Spark with its vectorized reader and without, asked side by side about the tables of one database. */
export interface Jury {
  /** The rows that each answers, or what it says against the query. `DB.` stands before names of tables. */
  ask(sql: string): Promise<Verdict<Answer | string>>;
  /** For each filter the ids of the rows that each engine finds, ascending, or what it says against the query. */
  find(table: string, filters: readonly string[]): Promise<Record<string, Verdict<readonly number[] | string>>>;
  /** The verdict that all give this answer. */
  agree<T>(answer: T): Verdict<T>;
}

/** Summons the engines that the test run started, for the tables of a test file. */
export function summonJury(lake: Pick<SyncLake, 'database' | 'sql'>): Jury {
  const { trino, spark } = engines();
  const vectorized = 'spark.sql.parquet.enableVectorizedReader';
  const judges: Readonly<Record<string, (sql: string) => Promise<Answer>>> = {
    // Trino counts the elements of an array from 1.
    Trino: (sql) => askTrino(trino, sql.replaceAll('[0]', '[1]')),
    Hive: (sql) => lake.sql(sql),
    'Spark, vectorized': (sql) => askSpark(spark, sql, { [vectorized]: 'true' }),
    'Spark, row by row': (sql) => askSpark(spark, sql, { [vectorized]: 'false' }),
  };
  const names = Object.keys(judges);

  const ask = async (sql: string): Promise<Verdict<Answer | string>> => {
    const query = sql.replaceAll('DB.', `${lake.database}.`);
    const answers = Object.entries(judges).map(async ([name, judge]) => [name, await judge(query).catch(String)]);
    return Object.fromEntries(await Promise.all(answers)) as Verdict<Answer | string>;
  };
  return {
    ask,
    find: async (table, filters) => {
      const found: Record<string, Verdict<readonly number[] | string>> = {};
      for (const filter of filters) {
        const answers = Object.entries(await ask(`SELECT id FROM DB.${table} WHERE ${filter}`));
        found[filter] = Object.fromEntries(
          answers.map(([name, answer]) => [name, typeof answer === 'string' ? answer : idsOf(answer)]),
        );
      }
      return found;
    },
    agree: (answer) => Object.fromEntries(names.map((name) => [name, answer])),
  };
}

function idsOf(rows: Answer): number[] {
  return rows.map((row) => Number(row['id'])).toSorted((a, b) => a - b);
}
