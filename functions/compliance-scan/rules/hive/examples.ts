import { type HiveGrant, type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';

/** A table of a golden zone as examples show it. */
export function table(more: Partial<HiveTableBody> = {}, labels: Readonly<Record<string, string>> = {}) {
  const body: HiveTableBody = {
    database: 'default',
    table: 'clicks',
    type: 'external',
    owner: 'hive',
    ownerType: 'user',
    location: { text: 'hdfs://lake/golden/clicks', path: '/golden/clicks', oddities: [] },
    columns: [],
    partitionKeys: [],
    purges: false,
    grants: [],
    ...more,
  };
  return { name: 'default.clicks', kind: hiveKinds.table, labels, body };
}

/** A privilege. */
export function grant(principal: string, type: HiveGrant['type'], privilege = 'SELECT'): HiveGrant {
  return { principal, type, privilege, withGrant: false };
}

/** A privilege in words. */
export function describeHiveGrant({ principal, type, privilege, withGrant }: HiveGrant): string {
  return `${type} ${principal}: ${privilege}${withGrant ? ' with grant option' : ''}`;
}
