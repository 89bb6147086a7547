import type { Resource } from '../../model/resource.ts';
import type { AwsKind } from './kinds.ts';
import { textAt } from '../wire.ts';

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

/** Tags as name and value, sorted by name. */
export type Tags = readonly (readonly [string, string])[];

/** Tags as services of AWS write them: `key` and `value` at EC2, `Key` and `Value` at the others. */
export function tagsOf(tags: readonly unknown[]): Tags {
  return tags
    .map(
      (tag) =>
        [textAt(tag, 'key') ?? textAt(tag, 'Key') ?? '', textAt(tag, 'value') ?? textAt(tag, 'Value') ?? ''] as const,
    )
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

/** A resource of AWS; `id` tells it apart from all others of its kind in that place. Without tags, they could not be read. */
export function makeResource<Body>(
  kind: AwsKind,
  place: AwsPlace,
  named: { readonly id: string; readonly name?: string | undefined; readonly tags?: Tags | undefined },
  body: Body,
): Resource<Body> {
  const scope = scopeOf(place, kind);
  return {
    uid: `${scope}/${named.id}`,
    kind: `aws.${kind}`,
    scope,
    name: named.name ?? named.id,
    place: { account: place.account, region: place.region, id: named.id },
    // By entries: a tag may be called __proto__.
    ...(named.tags === undefined ? {} : { labels: Object.fromEntries(named.tags) }),
    body,
  };
}
