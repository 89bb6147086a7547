/** The id of a listing: `kubernetes/<cluster>/<namespace or *>/<Kind>`. */
export function scopeId(cluster: string, namespace: string | undefined, kindName: string): string {
  return `kubernetes/${cluster}/${namespace ?? '*'}/${kindName}`;
}

/** What the id of a listing names; undefined for ids of others. */
export function parseScopeId(
  id: string,
): { cluster: string; namespace: string | undefined; kindName: string } | undefined {
  const [system, cluster, namespace, kindName, ...more] = id.split('/');
  if (system !== 'kubernetes' || cluster === undefined || namespace === undefined || kindName === undefined)
    return undefined;
  return more.length > 0 ? undefined : { cluster, namespace: namespace === '*' ? undefined : namespace, kindName };
}
