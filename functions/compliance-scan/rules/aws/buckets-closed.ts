import type { BucketAccessBody } from '../../inventory/aws/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const bucket = (body: Partial<BucketAccessBody>) => ({
  name: 'lake-golden',
  body: { blocksPublicAccess: true, hasPublicPolicy: false, versioned: true, ...body },
});

/** Buckets cannot be made public by a policy or an access list. */
export const bucketsClosed = defineRule<BucketAccessBody>({
  id: 'aws-buckets-closed',
  version: 1,
  title: 'Buckets block public access',
  why: 'One wrong policy or access list makes all objects of a bucket public. With all four blocks on, AWS refuses such policies and ignores such lists.',
  area: 'network',
  severity: 'high',
  kinds: ['aws.BucketAccess'],
  controls: { 'cis-aws-3.0': ['2.1.4'] },
  remedy: 'Put all four settings of the public access block on the bucket, better on the account.',
  judge({ name, body: { blocksPublicAccess, hasPublicPolicy } }) {
    if (blocksPublicAccess === undefined) return unknown(`the public access block of ${name} could not be read`);
    const evidence = { blocksPublicAccess, hasPublicPolicy: hasPublicPolicy ?? 'unknown' };
    if (hasPublicPolicy === true && !blocksPublicAccess)
      return fail(`${name} is public by its policy`, evidence, { severity: 'critical', exposure: 'world' });
    return blocksPublicAccess
      ? pass(`${name} blocks public access`)
      : fail(`${name} does not block public access`, evidence);
  },
  examples: [
    { shows: 'all blocks', given: bucket({}), status: 'pass' },
    { shows: 'a public policy that is blocked', given: bucket({ hasPublicPolicy: true }), status: 'pass' },
    { shows: 'no blocks', given: bucket({ blocksPublicAccess: false }), status: 'fail' },
    { shows: 'what may not be read', given: { name: 'lake-golden', body: {} }, status: 'unknown' },
    { shows: 'a public policy', given: bucket({ blocksPublicAccess: false, hasPublicPolicy: true }), status: 'fail' },
  ],
});

/** Objects that are overwritten or deleted can be had back. */
export const bucketsVersioned = defineRule<BucketAccessBody>({
  id: 'aws-buckets-versioned',
  version: 1,
  title: 'Buckets keep old versions of objects',
  why: 'A job that writes to the wrong path, or somebody who means harm, overwrites the only copy.',
  area: 'durability',
  severity: 'low',
  kinds: ['aws.BucketAccess'],
  remedy: 'Switch on versioning, with a lifecycle rule that removes old versions after some weeks.',
  judge({ name, body: { versioned } }) {
    if (versioned === undefined) return unknown(`whether ${name} keeps versions could not be read`);
    return versioned ? pass(`${name} keeps versions`) : fail(`${name} keeps no versions`, { versioned });
  },
  examples: [
    { shows: 'versions', given: bucket({}), status: 'pass' },
    { shows: 'none', given: bucket({ versioned: false }), status: 'fail' },
  ],
});
