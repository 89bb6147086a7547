import pLimit from 'p-limit';
import type { Resource } from '../../model/resource.ts';
import { readPages } from '../pages.ts';
import { type AwsAccess, AwsApi } from './aws-api.ts';
import { AwsFailure, nameOf } from './aws-error.ts';
import { type AwsReader, forbidden, hostOf, unlessForbidden, unlessGone } from './aws-reader.ts';
import type { AwsKind, BucketAccessBody, BucketBody } from './kinds.ts';
import { makeResource, tagsOf } from './place.ts';
import { listAt, textAt } from '../wire.ts';
import type { Wire } from './xml.ts';

/** Names of buckets on one page (AWS gives 10,000 at most), and calls about buckets at a time. */
const pageSize = 10_000;
const width = 8;

/** Buckets of an account, in all regions: one call for a page of names, and one (for `BucketAccess` three) for each bucket. */
export class S3Reader implements AwsReader {
  readonly #access: AwsAccess;
  readonly #api: AwsApi;
  readonly #home: string;

  constructor(access: AwsAccess) {
    this.#access = access;
    this.#api = new AwsApi(access);
    this.#home = access.settings.accounts.find(({ id }) => id === access.place.account)?.regions[0] ?? 'us-east-1';
  }

  list(kind: AwsKind, signal: AbortSignal): AsyncIterable<readonly Resource[]> {
    const limit = pLimit(width);
    return readPages(`the listing of aws.${kind}`, async (token) => {
      const query = { 'max-buckets': String(pageSize), ...(token !== undefined && { 'continuation-token': token }) };
      const question = {
        name: 'ListBuckets',
        service: 's3',
        region: this.#home,
        host: hostOf('s3', this.#home),
        path: '/',
        query,
      };
      const answer = (await this.#api.ask(question, signal)) as Record<string, Wire>;
      const buckets = listAt(answer, 'ListAllMyBucketsResult', 'Buckets');
      const found = await limit.map(buckets, (bucket) =>
        this.#complete(kind, textAt(bucket, 'Name') ?? '', textAt(bucket, 'BucketRegion'), signal),
      );
      return {
        items: found.filter((resource) => resource !== undefined),
        next: textAt(answer, 'ListAllMyBucketsResult', 'ContinuationToken'),
      };
    });
  }

  read(kind: AwsKind, name: string, signal: AbortSignal): Promise<Resource | undefined> {
    return this.#complete(kind, name, undefined, signal);
  }

  close(): void {
    this.#api.close();
  }

  async #complete(
    kind: AwsKind,
    name: string,
    region = this.#home,
    signal: AbortSignal,
  ): Promise<Resource | undefined> {
    const { place } = this.#access;
    if (kind === 'BucketAccess') {
      const body = await unlessGone(this.#readAccess(name, region, signal));
      return body && makeResource('BucketAccess', place, { id: name }, body);
    }
    const asking = this.#ask('GetBucketTagging', 'tagging', 'NoSuchTagSet', name, region, signal);
    const answer = await unlessGone(unlessForbidden(asking));
    if (answer === undefined) return undefined;
    // Without tags, rules say that they could not be read.
    const tags = answer === forbidden ? undefined : tagsOf(listAt(answer, 'Tagging', 'TagSet'));
    return makeResource<BucketBody>('Bucket', place, { id: name, tags }, {});
  }

  async #readAccess(name: string, region: string, signal: AbortSignal): Promise<BucketAccessBody> {
    const ask = (call: string, query: string, unset: string): Promise<Wire | typeof forbidden> =>
      unlessForbidden(this.#ask(call, query, unset, name, region, signal));
    const block = await ask('GetPublicAccessBlock', 'publicAccessBlock', 'NoSuchPublicAccessBlockConfiguration');
    const status = await ask('GetBucketPolicyStatus', 'policyStatus', 'NoSuchBucketPolicy');
    const versioning = await ask('GetBucketVersioning', 'versioning', '');
    return {
      ...(block !== forbidden && {
        blocksPublicAccess: blocks.every((each) => textAt(block, 'PublicAccessBlockConfiguration', each) === 'true'),
      }),
      ...(status !== forbidden && {
        hasPublicPolicy: /^true$/iu.test(textAt(status, 'PolicyStatus', 'IsPublic') ?? ''),
      }),
      ...(versioning !== forbidden && {
        versioned: textAt(versioning, 'VersioningConfiguration', 'Status') === 'Enabled',
      }),
    };
  }

  /** Asks about a bucket, once more where AWS says that it is in another region; nothing where it says that nothing is set. */
  async #ask(
    call: string,
    query: string,
    unset: string,
    name: string,
    region: string,
    signal: AbortSignal,
  ): Promise<Wire> {
    // A dot in a bucket's name does not fit the certificate of a host of its own.
    const isPath = this.#access.settings.endpoint !== undefined || name.includes('.');
    const s3 = hostOf('s3', region);
    const where = isPath ? { host: s3, path: `/${name}` } : { host: `${name}.${s3}`, path: '/' };
    try {
      return await this.#api.ask({ name: call, service: 's3', region, ...where, query: { [query]: '' } }, signal);
    } catch (error) {
      const { cause } = error as Error;
      if (unset !== '' && nameOf(cause) === unset) return '';
      if (!(cause instanceof AwsFailure) || cause.region === undefined || cause.region === region) throw error;
      return this.#ask(call, query, unset, name, cause.region, signal);
    }
  }
}

const blocks = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];
