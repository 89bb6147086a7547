import { LakewardenError } from '../errors/error.ts';
import type { Server, Transport } from './thrift/connection.ts';

/** How to reach a Hive metastore. */
export interface MetastoreOptions {
  /** Addresses such as `thrift://host:9083`; the next is tried when one does not accept. */
  readonly uris: readonly string[];
  /** The user on whose behalf the calls are made (set_ugi); left out, the server decides. */
  readonly user?: string | undefined;
  /** Milliseconds for a call, the wait for a connection included; 60,000 when left out. */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds for an attempt to connect; 10,000 when left out. */
  readonly connectMs?: number | undefined;
  /** Most connections at a time; 4 when left out. */
  readonly connections?: number | undefined;
  /** True when the server uses the framed transport (metastore.thrift.framed.transport.enabled). */
  readonly framed?: boolean | undefined;
  readonly tls?: Transport['tls'];
  /** Bytes of the longest answer that is read; 256 MiB when left out. */
  readonly maxAnswerBytes?: number | undefined;
}

/** A limit for one call. */
export interface CallOptions {
  /** Milliseconds, instead of the client's own deadline. */
  readonly deadlineMs?: number | undefined;
}

/** The host and port of an address such as `thrift://host:9083`. Throws config.invalid. */
export function parseUri(uri: string): Server {
  const match = /^thrift:\/\/(\[[^\]]+\]|[^:/@\s]+)(?::(\d{1,5}))?\/?$/.exec(uri);
  if (match?.[1] === undefined) {
    throw new LakewardenError('config.invalid', `'${uri}' is no address of a metastore, such as thrift://host:9083`);
  }
  return { host: match[1].replaceAll(/^\[|\]$/g, ''), port: Number(match[2] ?? 9083) };
}
