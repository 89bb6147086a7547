import { readFileSync } from 'node:fs';
import type { ErrorCode } from '#shared/errors/codes.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { Metastore } from '#shared/hive/metastore.ts';
import type { Settings } from './config.ts';
import type { Clients } from './survey.ts';

/** Builds the clients that the settings describe; nothing is connected yet. */
export function createClients({ hdfs, metastore }: Settings): Clients {
  const [hdfsToken, metastoreToken] = [hdfs.tokenFile, metastore.tokenFile];
  return {
    hdfs: new WebHdfs({
      addresses: hdfs.addresses,
      user: hdfs.user,
      deadlineMs: hdfs.deadlineSeconds * 1_000,
      // A token is renewed in its file while we run, so it is read anew each time.
      ...(hdfsToken === undefined ? {} : { delegationToken: () => readToken(hdfsToken, 'hdfs.unauthenticated') }),
      ...(hdfs.caFile === undefined ? {} : { ca: readFileSync(hdfs.caFile, 'utf8') }),
    }),
    metastore: new Metastore({
      uris: metastore.uris,
      user: metastore.user,
      framed: metastore.framed,
      ...(metastoreToken === undefined ? {} : { token: () => readToken(metastoreToken, 'metastore.unauthenticated') }),
      connections: metastore.connections,
      deadlineMs: metastore.deadlineSeconds * 1_000,
      ...(metastore.caFile === undefined ? {} : { tls: { ca: readFileSync(metastore.caFile, 'utf8') } }),
    }),
  };
}

/** A token out of its file. @throws the given code, which a retry may mend, since the file may be written anew at this very moment */
export function readToken(file: string, code: ErrorCode): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new LakewardenError(code, `the token in ${file} cannot be read`, { cause });
  }
}
