import type { Clients } from '#functions/metastore-sync/survey.ts';
import { LakewardenError } from '#shared/errors/error.ts';

/** Clients of a process that dies at its n-th call: right before it, or right after the service has done it. */
export function mortal(
  clients: Clients,
  n: number,
  when: 'before' | 'after',
): Clients & { readonly died: () => boolean } {
  let calls = 0;
  const die = (): never => {
    throw new LakewardenError('deadline.exceeded', 'this process is dead');
  };
  const wrap = <Client extends object>(client: Client): Client =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          calls += 1;
          if (calls > n || (calls === n && when === 'before')) die();
          const result: unknown = Reflect.apply(value, target, args);
          return calls === n && result instanceof Promise ? result.then(die) : result;
        };
      },
    });
  return { hdfs: wrap(clients.hdfs), metastore: wrap(clients.metastore), died: () => calls >= n };
}
