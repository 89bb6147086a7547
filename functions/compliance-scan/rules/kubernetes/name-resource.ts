import type { Resource } from '../../model/resource.ts';

/** How reasons call a resource: `Deployment golden/trino`. */
export function nameResource({ kind, name, place }: Resource): string {
  const [, word = kind] = kind.split('.');
  const { namespace } = place;
  return `${word} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
