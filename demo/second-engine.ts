import { startTrinoAlone } from '../test/engines/engines.ts';
import { askTrino } from '../test/engines/trino-client.ts';
import type { Row } from '#shared/hive/hiveserver-rows.ts';
import type { Engine } from './queries.ts';
import { step } from './screen.ts';
import type { AtEnd, Stage } from './stage.ts';

/** Starts Trino on the lake when `TRINO=1` asks for it. */
export async function startSecondEngine({ addresses }: Stage, atEnd: AtEnd): Promise<Engine | undefined> {
  if (process.env['TRINO'] !== '1') return undefined;
  const { defaultFs = '', metastore = '' } = addresses;
  const { trino } = await step(
    'Start Trino on the same lake (the first time 821 MB are downloaded)',
    async (tell) => {
      const engine = await startTrinoAlone({ defaultFs, metastore }, tell);
      atEnd(() => engine.stop());
      return engine;
    },
    (engine) => engine.trino,
  );
  return {
    query: async (sql) =>
      (await askTrino(trino, sql.replace(' FROM flights', ' FROM "default".flights'))) as readonly Row[],
  };
}
