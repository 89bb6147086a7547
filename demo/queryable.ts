import { ring } from './broker.ts';
import { askWhole, type Engines } from './queries.ts';
import { query, requireEqual, showBars, showEvents, step } from './screen.ts';
import type { Stage } from './stage.ts';
import type { Truth } from './truth.ts';

/** What metastore-sync answers, as far as the story shows it. */
export interface SyncResult {
  readonly status: string;
  readonly problems: readonly { readonly message: string }[];
}

/** The second act: a table that nobody created. */
export async function makeQueryable(stage: Stage, engines: Engines, truth: Truth): Promise<void> {
  const { hive, broker, functions } = stage;
  requireEqual('tables before', (await hive.query('SHOW TABLES')).length, 0);
  await step(
    'Ring metastore-sync, as a cron PingSource does: "look at everything"',
    () => ring<SyncResult>(functions['metastore-sync'], 'dev.knative.sources.ping', { scope: 'full' }),
    ({ status }) => status,
  );
  showEvents(await broker.take());
  await query(hive, 'SHOW TABLES');
  await askWhole(engines, truth, 'in small files');
  const hours = await hive.query(
    "SELECT hour, count(id) AS flights FROM flights WHERE day = '02' GROUP BY hour ORDER BY hour",
  );
  showBars(
    'flights per hour on the second day, asked from Hive',
    hours.map((row) => [String(row['hour']), Number(row['flights'])]),
  );
}
