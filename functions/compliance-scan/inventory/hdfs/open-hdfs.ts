import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import type { Source } from '../source.ts';
import { HdfsSource } from './hdfs-source.ts';
import type { HdfsSettings } from './settings.ts';

/** The file system and its folders; nothing is connected yet. */
export function openHdfs(settings: HdfsSettings): Source {
  return new HdfsSource(settings, createHdfs(settings.connection));
}
