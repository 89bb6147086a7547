import type { Resource } from '../../model/resource.ts';
import type { AwsKind } from './kinds.ts';

/** Where a resource of AWS lives. Buckets are listed for all regions at once: theirs is `global`. */
export interface AwsPlace {
  readonly account: string;
  readonly region: string;
}

/** The id of a listing, `aws/<account>/<region>/<Kind>`. */
export function scopeOf({ account, region }: AwsPlace, kind: AwsKind): string {
  return `aws/${account}/${region}/${kind}`;
}

/** The account, region and kind of a scope's id; undefined when it is none of AWS. */
export function parseScope(scope: string): (AwsPlace & { readonly kind: string }) | undefined {
  const [system, account, region, kind, more] = scope.split('/');
  if (system !== 'aws' || account === undefined || region === undefined || kind === undefined || more !== undefined)
    return undefined;
  return { account, region, kind };
}

/** A resource of AWS; `id` tells it apart from all others of its kind in that place. */
export function makeResource<Body>(
  kind: AwsKind,
  place: AwsPlace,
  named: { readonly id: string; readonly name?: string | undefined; readonly tags?: readonly AwsTag[] | undefined },
  body: Body,
): Resource<Body> {
  const scope = scopeOf(place, kind);
  return {
    uid: `${scope}/${named.id}`,
    kind: `aws.${kind}`,
    scope,
    name: named.name ?? named.id,
    place: { account: place.account, region: place.region, id: named.id },
    ...(named.tags === undefined ? {} : { labels: labelsOf(named.tags) }),
    body,
  };
}

/** A tag as all services of AWS write it. */
export interface AwsTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

function labelsOf(tags: readonly AwsTag[]): Record<string, string> {
  // Not an object literal's assignments: a tag may be called __proto__.
  return Object.fromEntries(
    tags.map(({ Key = '', Value = '' }) => [Key, Value] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
