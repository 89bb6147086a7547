import { createHash } from 'node:crypto';
import type { Table } from '#shared/hive/metastore.ts';
import { versionProperty } from '../properties.ts';

/** The part of a table that a plan rests on, in one short text: its columns and our count of alters. */
export function tableState(table: Table): string {
  const columns = (table.sd?.cols ?? []).map(({ name, type }) => `${name}\0${type}`);
  const text = [table.parameters?.get(versionProperty) ?? '', ...columns].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
