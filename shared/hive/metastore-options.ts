import { LakewardenError } from '../errors/error.ts';
import type { Server, Transport } from './thrift/socket.ts';

/** How to reach a Hive metastore. */
export interface MetastoreOptions {
  /**
   * Addresses such as `thrift://host:9083`, or `https://host:9083/metastore` for Thrift over HTTP; the next is tried when
   * one does not accept.
   */
  readonly uris: readonly string[];
  /** The user on whose behalf the calls are made (set_ugi, over HTTP a header); left out, the server decides. */
  readonly user?: string | undefined;
  /** The bearer token for Thrift over HTTP, asked for at each call, since tokens are renewed. */
  readonly token?: (() => string) | undefined;
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

/** The server at an address such as `thrift://host:9083` or `https://host:9083/metastore`. Throws config.invalid. */
export function parseUri(uri: string): Server {
  const match = /^(thrift|https?):\/\/(\[[^\]]+\]|[^:/@\s]+)(?::(\d{1,5}))?(\/[^\s?#]*)?$/.exec(uri);
  const [, scheme, host, port, path = '/'] = match ?? [];
  if (host === undefined || (scheme === 'thrift' && path !== '/')) {
    const examples = 'thrift://host:9083 or https://host:9083/metastore';
    throw new LakewardenError('config.invalid', `'${uri}' is no address of a metastore, such as ${examples}`);
  }
  const http = scheme === 'thrift' ? undefined : { path, secure: scheme === 'https' };
  return { host: host.replaceAll(/^\[|\]$/g, ''), port: Number(port ?? defaultPorts[scheme ?? 'thrift']), http };
}

const defaultPorts: Readonly<Record<string, number>> = { thrift: 9083, http: 80, https: 443 };
