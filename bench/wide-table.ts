import { eventHeaders, type FunctionProcess } from '../test/support/function-process.ts';
import { type BenchLake, hours } from './bench-lake.ts';

const perCall = 1_000;

/** Makes the table `clicks` with so many partitions, of which the first has a file; the metastore makes the folders of the others. */
export async function fillTable(lake: BenchLake, root: string, database: string, partitions: number): Promise<void> {
  const { metastore } = lake.clients;
  const [first, ...others] = hours(partitions);
  const path = `${root}/clicks/${first}/data.snappy.parquet`;
  await lake.put([path]);
  await lake.sync(root, database, { kind: 'paths', paths: [path] });
  const [model] = await metastore.partitionsByNames(database, 'clicks', [String(first)]);
  if (model === undefined) throw new Error('the first partition was not registered');
  const bodies = others.map((hour) => ({
    ...model,
    values: hour.split('/').map((part) => part.replace(/^.*=/, '')),
    sd: { ...model.sd, location: `${lake.addresses.defaultFs}${root}/clicks/${hour}` },
  }));
  const batches = Array.from({ length: Math.ceil(bodies.length / perCall) }, (_, index) =>
    bodies.slice(index * perCall, (index + 1) * perCall),
  );
  const worker = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop())
      await metastore.addPartitions(database, 'clicks', batch, { needResult: false });
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  await lake.expectPartitions(database, partitions);
}

/** Sends one event with paths of new partitions; milliseconds to the answer, and the remote calls that it cost. */
export async function ring(sync: FunctionProcess, paths: readonly string[]): Promise<{ took: number; calls: number }> {
  const headers = {
    ...eventHeaders('dev.lakewarden.file.closed', { 'ce-id': paths.join() }),
    accept: 'application/json',
    'content-type': 'application/json',
  };
  const began = performance.now();
  const { status, body } = await sync.send({ headers, body: JSON.stringify({ paths }) });
  const took = performance.now() - began;
  const { result } = JSON.parse(body) as { result: { added: number; calls: { hdfs: number; metastore: number } } };
  const { added, calls } = result;
  if (status !== 200 || added !== paths.length) throw new Error(`the function answered ${status} ${body}`);
  return { took, calls: calls.hdfs + calls.metastore };
}

/** Goes on with a table's hours after so many: `three` writes a file into each of the next three, `hours` counts them all. */
export function writeHours(lake: BenchLake, root: string, from: number) {
  let next = from;
  return {
    hours: () => next,
    three: async (): Promise<string[]> => {
      next += 3;
      const paths = hours(next)
        .slice(-3)
        .map((hour) => `${root}/clicks/${hour}/data.snappy.parquet`);
      await lake.put(paths);
      return paths;
    },
  };
}
