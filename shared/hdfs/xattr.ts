import type { Params } from './operation.ts';

/** Whether an attribute must be new, must exist, or may be either. */
export type XattrFlag = 'create' | 'replace' | 'any';

const flags: Readonly<Record<XattrFlag, string>> = { create: 'CREATE', replace: 'REPLACE', any: 'CREATE,REPLACE' };

/** Parameters of SETXATTR; the value goes as `0s` and base64, the form of Hadoop's XAttrCodec that holds any bytes. */
export function formatXattr(name: string, value: Uint8Array, flag: XattrFlag): Params {
  return { 'xattr.name': name, 'xattr.value': `0s${Buffer.from(value).toString('base64')}`, flag: flags[flag] };
}

/** Values of a GETXATTRS answer in base64 encoding; an attribute without a value has none or an empty one. */
export function parseXattrs({ XAttrs: list }: Record<string, unknown>): Map<string, Uint8Array> | undefined {
  if (!Array.isArray(list)) return undefined;
  const values = new Map<string, Uint8Array>();
  for (const { name, value } of list as { name?: unknown; value?: unknown }[]) {
    if (typeof name !== 'string') return undefined;
    values.set(name, Buffer.from(typeof value === 'string' ? value.replace(/^0s/i, '') : '', 'base64'));
  }
  return values;
}
