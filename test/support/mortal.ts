import { LakewardenError } from '#shared/errors/error.ts';

/** When a process dies at a call: right before it, or right after the service has done it. */
export type Moment = 'before' | 'after';

type Clients = Readonly<Record<string, object>>;

/** Clients of a process that dies at its n-th call. */
export function mortal<Of extends Clients>(
  clients: Of,
  n: number,
  when: Moment,
): Of & { readonly died: () => boolean } {
  const die = (): never => {
    throw new LakewardenError('deadline.exceeded', 'this process is dead');
  };
  return disturb(
    clients,
    (call, perform) => {
      if (call > n || (call === n && when === 'before')) die();
      const result = perform();
      return call === n && result instanceof Promise ? result.then(die) : result;
    },
    n,
  );
}

/** Clients whose n-th call is performed, but its answer is lost. */
export function forgetful<Of extends Clients>(clients: Of, n: number): Of & { readonly died: () => boolean } {
  return disturb(
    clients,
    (call, perform) => {
      const result = perform();
      if (call !== n || !(result instanceof Promise)) return result;
      return result.then(() => {
        throw new LakewardenError('hdfs.unavailable', 'the answer was lost', { details: { ambiguous: true } });
      });
    },
    n,
  );
}

function disturb<Of extends Clients>(
  clients: Of,
  fate: (call: number, perform: () => unknown) => unknown,
  n: number,
): Of & { readonly died: () => boolean } {
  let calls = 0;
  const wrap = (client: object): object =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          calls += 1;
          return fate(calls, () => Reflect.apply(value, target, args) as unknown);
        };
      },
    });
  const wrapped = Object.fromEntries(Object.entries(clients).map(([name, client]) => [name, wrap(client)])) as Of;
  return { ...wrapped, died: () => calls >= n };
}

/** A client whose n-th call waits until others have done some `work`, as that of a process which stopped for so long. */
export function overtaken<Of extends object>(
  client: Of,
  n: number,
  work: () => Promise<unknown>,
): { readonly client: Of; readonly wasOvertaken: () => boolean } {
  let calls = 0;
  const wrapped = eachCall(client, async () => {
    calls += 1;
    if (calls === n) await work();
  });
  return { client: wrapped, wasOvertaken: () => calls >= n };
}

/** A client each of whose calls waits until some `work` is done. */
export function eachCall<Of extends object>(client: Of, work: () => Promise<unknown>): Of {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const perform = (args: unknown[]): unknown => Reflect.apply(value, target, args);
      if (name === 'list')
        return async function* list(...args: unknown[]) {
          await work();
          yield* perform(args) as AsyncIterable<unknown>;
        };
      return async (...args: unknown[]): Promise<unknown> => {
        await work();
        return perform(args);
      };
    },
  });
}
