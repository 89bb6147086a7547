import { LakewardenError } from '../errors/error.ts';
import { readOutcome } from './metastore-error.ts';
import { methods } from './metastore-methods.ts';
import { parseUri, type MetastoreOptions } from './metastore-options.ts';
import { Client } from './thrift/client.ts';

/** A Thrift client that makes itself known to the metastore as the options say. Throws config.invalid. */
export function createClient(options: MetastoreOptions): Client {
  const { uris, user, token } = options;
  const [first, ...others] = uris.map(parseUri);
  if (first === undefined) throw new LakewardenError('config.invalid', 'the metastore has no address');
  return new Client({
    servers: [first, ...others],
    connections: options.connections ?? 4,
    connectMs: options.connectMs ?? 10_000,
    framed: options.framed ?? false,
    tls: options.tls,
    maxAnswerBytes: options.maxAnswerBytes ?? 256 * 1024 * 1024,
    headers: () => httpHeaders(user, token),
    ...(user === undefined
      ? {}
      : {
          greet: async (call) => {
            const ugi = await call(methods.setUgi, { user_name: user, group_names: [] });
            readOutcome(ugi, `to act for user ${user}`);
          },
        }),
  });
}

/** The headers by which Hive knows over HTTP who asks: a bearer token, or a name that it believes (Hive's x-actor-username). */
function httpHeaders(user: string | undefined, token: (() => string) | undefined): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token()}` };
  return user === undefined ? {} : { 'x-actor-username': user };
}
