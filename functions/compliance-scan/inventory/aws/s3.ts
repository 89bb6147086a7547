import {
  type Bucket,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  type PublicAccessBlockConfiguration,
  S3Client,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { isError } from '#shared/errors/error.ts';
import type { Resource } from '../../model/resource.ts';
import { readPages } from '../pages.ts';
import { type AwsAccess, type AwsReader, callAws, clientOptions, unlessGone } from './aws-call.ts';
import { nameOf } from './aws-error.ts';
import type { AwsKind, BucketAccessBody, BucketBody } from './kinds.ts';
import { type AwsTag, makeResource } from './place.ts';

/** Buckets on one page, and calls about buckets at a time. */
const pageSize = 250;
const width = 8;

/** Buckets of an account, in all regions: one call for a page of names, and one (for `BucketAccess` three) for each bucket. */
export class S3Reader implements AwsReader {
  readonly #access: AwsAccess;
  readonly #client: S3Client;

  constructor(access: AwsAccess) {
    this.#access = access;
    const { endpoint } = access.settings;
    const region = access.settings.accounts.find(({ id }) => id === access.place.account)?.regions[0] ?? 'us-east-1';
    this.#client = new S3Client({
      ...clientOptions(access),
      region,
      followRegionRedirects: true,
      forcePathStyle: endpoint !== undefined,
    });
  }

  list(kind: AwsKind, signal: AbortSignal): AsyncIterable<readonly Resource[]> {
    const limit = pLimit(width);
    return readPages(`the listing of aws.${kind}`, async (token) => {
      const command = new ListBucketsCommand({
        MaxBuckets: pageSize,
        ...(token !== undefined && { ContinuationToken: token }),
      });
      const { Buckets = [], ContinuationToken } = await this.#call('ListBuckets', signal, (options) =>
        this.#client.send(command, options),
      );
      const found = await limit.map(Buckets, (bucket) => this.#complete(kind, bucket, signal));
      return { items: found.filter((resource) => resource !== undefined), next: ContinuationToken };
    });
  }

  async read(kind: AwsKind, name: string, signal: AbortSignal): Promise<Resource | undefined> {
    return this.#complete(kind, { Name: name }, signal);
  }

  close(): void {
    this.#client.destroy();
  }

  async #complete(kind: AwsKind, { Name = '' }: Bucket, signal: AbortSignal): Promise<Resource | undefined> {
    const { place } = this.#access;
    if (kind === 'BucketAccess') {
      const body = await unlessGone(this.#readAccess(Name, signal));
      return body && makeResource('BucketAccess', place, { id: Name }, body);
    }
    const tags = await unlessGone(unlessForbidden(this.#readTags(Name, signal)));
    if (tags === undefined) return undefined;
    // Without tags, rules say that they could not be read.
    return makeResource<BucketBody>('Bucket', place, { id: Name, ...(tags !== 'forbidden' && { tags }) }, {});
  }

  async #readTags(name: string, signal: AbortSignal): Promise<readonly AwsTag[]> {
    const command = new GetBucketTaggingCommand({ Bucket: name });
    const answer = await this.#unlessUnset('NoSuchTagSet', 'GetBucketTagging', signal, (options) =>
      this.#client.send(command, options),
    );
    return answer?.TagSet ?? [];
  }

  async #readAccess(name: string, signal: AbortSignal): Promise<BucketAccessBody> {
    const bucket = { Bucket: name };
    const block = await unlessForbidden(
      this.#unlessUnset('NoSuchPublicAccessBlockConfiguration', 'GetPublicAccessBlock', signal, (options) =>
        this.#client.send(new GetPublicAccessBlockCommand(bucket), options),
      ),
    );
    const status = await unlessForbidden(
      this.#unlessUnset('NoSuchBucketPolicy', 'GetBucketPolicyStatus', signal, (options) =>
        this.#client.send(new GetBucketPolicyStatusCommand(bucket), options),
      ),
    );
    const versioning = await unlessForbidden(
      this.#call('GetBucketVersioning', signal, (options) =>
        this.#client.send(new GetBucketVersioningCommand(bucket), options),
      ),
    );
    return {
      ...(block !== 'forbidden' && { blocksPublicAccess: blocksAll(block?.PublicAccessBlockConfiguration) }),
      ...(status !== 'forbidden' && { hasPublicPolicy: status?.PolicyStatus?.IsPublic === true }),
      ...(versioning !== 'forbidden' && { versioned: versioning.Status === 'Enabled' }),
    };
  }

  /** The answer of a call, or undefined where AWS says by an error of this name that nothing is set. */
  async #unlessUnset<Answer>(
    unset: string,
    name: string,
    signal: AbortSignal,
    call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    try {
      return await this.#call(name, signal, call);
    } catch (error) {
      if (nameOf((error as Error).cause) === unset) return undefined;
      throw error;
    }
  }

  #call<Answer>(
    name: string,
    signal: AbortSignal,
    call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    return callAws(this.#access, name, signal, call);
  }
}

/** The answer of a call about one bucket, which its own policy may forbid while the others can be read. */
async function unlessForbidden<Answer>(call: Promise<Answer>): Promise<Answer | 'forbidden'> {
  try {
    return await call;
  } catch (error) {
    if (isError(error, 'inventory.forbidden')) return 'forbidden';
    throw error;
  }
}

function blocksAll(block: PublicAccessBlockConfiguration = {}): boolean {
  const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } = block;
  return [BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets].every(
    (blocks) => blocks === true,
  );
}
