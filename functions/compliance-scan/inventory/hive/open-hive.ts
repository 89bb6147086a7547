import { readTokenFile } from '#shared/config/token-file.ts';
import { Metastore } from '#shared/hive/metastore.ts';
import type { Source } from '../source.ts';
import { HiveSource } from './hive-source.ts';
import type { HiveSettings } from './settings.ts';

/** The databases and tables of a metastore; nothing is connected yet. */
export function openHive(settings: HiveSettings): Source {
  const { uris, user, tokenFile, framed, deadlineSeconds } = settings.connection;
  const metastore = new Metastore({
    uris,
    user,
    framed,
    deadlineMs: deadlineSeconds * 1_000,
    ...(tokenFile === undefined ? {} : { token: () => readTokenFile(tokenFile, 'metastore.unauthenticated') }),
  });
  return new HiveSource(settings, metastore);
}
