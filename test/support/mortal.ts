import { LakewardenError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { describeCall, isThorough, type Which } from './every-call.ts';

/** When a process dies at a call: right before it, or right after the service has done it. */
type Moment = 'before' | 'after';

type Clients = Readonly<Record<string, object>>;

/** Clients, and the calls that were made of them. */
type Heard<Of> = Of & { readonly calls: readonly string[] };

/** What happens to a process of partition-compaction at a call, by its name; and at which calls of each kind. */
type Fate = readonly [
  name: string,
  which: Which,
  disturb: (clients: { readonly hdfs: WebHdfs }, n: number) => Heard<{ readonly hdfs: WebHdfs }>,
];

// What a dead process has read is all the same; and right before a write it leaves what it leaves right behind the one before.
const moments: readonly Moment[] = isThorough ? ['before', 'after'] : ['after'];

/** What happens to processes of partition-compaction at their calls. */
export const fates: readonly Fate[] = [
  ...moments.map((when): Fate => [`dies right ${when} it`, 'writes', (clients, n) => mortal(clients, n, when)]),
  ['loses its answer', 'all', forgetful],
];

/** Clients of a process that dies at its n-th call. */
function mortal<Of extends Clients>(clients: Of, n: number, when: Moment): Heard<Of> {
  const die = (): never => {
    throw new LakewardenError('deadline.exceeded', 'this process is dead');
  };
  return disturb(clients, (call, perform) => {
    if (call > n || (call === n && when === 'before')) die();
    const result = perform();
    return call === n && result instanceof Promise ? result.then(die) : result;
  });
}

/** Clients whose n-th call is performed, but its answer is lost. */
function forgetful<Of extends Clients>(clients: Of, n: number): Heard<Of> {
  return disturb(clients, (call, perform) => {
    const result = perform();
    if (call !== n || !(result instanceof Promise)) return result;
    return result.then(() => {
      throw new LakewardenError('hdfs.unavailable', 'the answer was lost', { details: { ambiguous: true } });
    });
  });
}

function disturb<Of extends Clients>(clients: Of, fate: (call: number, perform: () => unknown) => unknown): Heard<Of> {
  const calls: string[] = [];
  const wrap = (client: object): object =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          const call = calls.push(describeCall(String(name), args));
          return fate(call, () => Reflect.apply(value, target, args) as unknown);
        };
      },
    });
  const wrapped = Object.fromEntries(Object.entries(clients).map(([name, client]) => [name, wrap(client)])) as Of;
  return { ...wrapped, calls };
}

/** A client whose n-th call waits until others have done some `work`, as that of a process which stopped for so long. */
export function overtaken<Of extends object>(
  client: Of,
  n: number,
  work: () => Promise<unknown>,
): { readonly client: Of; readonly calls: readonly string[] } {
  const calls: string[] = [];
  const wrapped = eachCall(client, async (call) => {
    if (calls.push(call) === n) await work();
  });
  return { client: wrapped, calls };
}

/** A client each of whose calls waits until some `work` is done. */
export function eachCall<Of extends object>(client: Of, work: (call: string) => Promise<unknown>): Of {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const perform = (args: unknown[]): unknown => Reflect.apply(value, target, args);
      const tell = (args: unknown[]): Promise<unknown> => work(describeCall(String(name), args));
      if (name === 'list')
        return async function* list(...args: unknown[]) {
          await tell(args);
          yield* perform(args) as AsyncIterable<unknown>;
        };
      return async (...args: unknown[]): Promise<unknown> => {
        await tell(args);
        return perform(args);
      };
    },
  });
}
