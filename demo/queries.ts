import { HiveServer } from '#shared/hive/hiveserver.ts';
import { count } from '../cli/terminal.ts';
import type { Row } from '#shared/hive/hiveserver-rows.ts';
import { requireEqual, step } from './screen.ts';
import type { Truth } from './truth.ts';

/** Whoever answers SQL. */
export interface Engine {
  query(sql: string): Promise<readonly Row[]>;
}

/** Those who answer SQL in the story. */
export interface Engines {
  readonly hive: Engine;
  readonly trino: Engine | undefined;
}

/** Has engines read every row of the table. @throws when an answer is not the truth */
export async function askWhole({ hive, trino }: Engines, truth: Truth, when: string): Promise<void> {
  for (const [name, engine] of Object.entries({ Hive: hive, ...(trino !== undefined && { Trino: trino }) }))
    await step(
      `Ask ${name} for flights, miles and minutes of delay ${when}, every row read`,
      () => readWhole(engine, truth),
      ({ rows }) => `${count(rows, 'flight')}, as the events say that were sent,`,
    );
}

async function readWhole(engine: Engine, truth: Truth): Promise<{ rows: number }> {
  const sql = 'SELECT count(id) AS flights, sum(distance) AS miles, sum(delay) AS minutes FROM flights';
  const [row] = await engine.query(sql);
  const found = [row?.['flights'], row?.['miles'], row?.['minutes']].map(String).join(' ');
  requireEqual('flights, miles and minutes of delay', found, [truth.rows, truth.miles, truth.delay].join(' '));
  return { rows: truth.rows };
}

/** What a loop of queries has seen. */
export interface LoopCount {
  asked: number;
  wrong: number;
  /** Queries that failed, as those do that listed files before a merge and open them after it; each is asked once more. */
  failed: number;
}

/** Asks for all rows of one hour after the other, again and again, and holds each answer against the truth. */
export class QueryLoop {
  readonly count: LoopCount = { asked: 0, wrong: 0, failed: 0 };
  readonly #hive: HiveServer;
  readonly #truth: Truth;
  readonly #hours: (readonly [string, string])[];
  #isOver = false;
  #waiting: (() => void)[] = [];
  readonly #done: Promise<void>;

  constructor(url: string, truth: Truth) {
    this.#hive = new HiveServer({ url, user: 'loop', deadlineMs: 120_000 });
    this.#truth = truth;
    this.#hours = truth.hours();
    this.#done = this.#run();
  }

  /** Resolves when the next query was answered, or failed. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Ends after the query that is under way. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    await this.#hive.close();
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#isOver;) {
      const [day, hour] = this.#hours[turn % this.#hours.length] as [string, string];
      const columns = 'id, delay, distance, origin, destination';
      const sql = `SELECT ${columns} FROM flights WHERE month = '01' AND day = '${day}' AND hour = '${hour}'`;
      try {
        const rows = await this.#hive.query(sql);
        this.count.asked += 1;
        turn += 1;
        if (!this.#truth.isHour(day, hour, rows)) this.count.wrong += 1;
      } catch {
        this.count.failed += 1;
      }
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    }
  }
}
