import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Change, Reference, Source } from '../source.ts';
import type { AwsAccess } from './aws-api.ts';
import type { AwsReader } from './aws-reader.ts';
import { readChanges } from './changes.ts';
import { type AwsKind, awsKinds } from './kinds.ts';
import { type AwsPlace, parseScope, scopeOf } from './place.ts';
import type { AwsSettings } from './settings.ts';

/** The resources of accounts of AWS. What finds credentials is loaded with the first listing. */
export function openAws(settings: AwsSettings): Source {
  return new AwsSource(settings);
}

class AwsSource implements Source {
  readonly name = 'aws';
  readonly #settings: AwsSettings;
  readonly #readers = new Map<string, Promise<AwsReader>>();

  constructor(settings: AwsSettings) {
    this.#settings = settings;
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    for (const { id: account, regions } of this.#settings.accounts)
      for (const kind of awsKinds) {
        if (!kinds.has(`aws.${kind}`) || (kind === 'BucketAccess' && !this.#settings.bucketAccess)) continue;
        for (const region of isGlobal(kind) ? ['global'] : regions)
          yield { id: scopeOf({ account, region }, kind), kind: `aws.${kind}` };
      }
  }

  async *list(scope: Scope, signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const { place, kind } = this.#locate(scope.id);
    const reader = await this.#reader(place, kind);
    yield* reader.list(kind, signal);
  }

  async read(reference: Reference, signal: AbortSignal): Promise<Resource | undefined> {
    const { place, kind } = this.#locate(reference.scope);
    const id = reference.uid?.startsWith(`${reference.scope}/`)
      ? reference.uid.slice(reference.scope.length + 1)
      : (reference.place.id ?? reference.name);
    return (await this.#reader(place, kind)).read(kind, id, signal);
  }

  changes(event: CloudEventIn): readonly Change[] | undefined {
    const changes = readChanges(event.data);
    return changes?.filter(({ reference }) => this.#watches(reference.scope));
  }

  async close(): Promise<void> {
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    for (const reader of readers) (await reader).close();
  }

  #watches(scope: string): boolean {
    const { account, region } = parseScope(scope) ?? {};
    return this.#settings.accounts.some(
      ({ id, regions }) => id === account && (region === 'global' || regions.includes(region ?? '')),
    );
  }

  #locate(scope: string): { readonly place: AwsPlace; readonly kind: AwsKind } {
    const { account = '', region = '', kind: named } = parseScope(scope) ?? {};
    const kind = awsKinds.find((known) => known === named);
    if (kind === undefined || !this.#watches(scope))
      throw new LakewardenError('config.invalid', `the settings of aws do not cover ${scope}`);
    return { place: { account, region }, kind };
  }

  #reader(place: AwsPlace, kind: AwsKind): Promise<AwsReader> {
    const service = isGlobal(kind) ? 's3' : kind === 'LoadBalancer' ? 'elb' : 'ec2';
    const key = `${place.account}/${place.region}/${service}`;
    const known = this.#readers.get(key);
    if (known !== undefined) return known;
    const reader = openReader(service, { place, settings: this.#settings });
    this.#readers.set(key, reader);
    return reader;
  }
}

function isGlobal(kind: AwsKind): boolean {
  return kind === 'Bucket' || kind === 'BucketAccess';
}

async function openReader(service: 'ec2' | 'elb' | 's3', access: AwsAccess): Promise<AwsReader> {
  if (service === 'ec2') return new (await import('./ec2.ts')).Ec2Reader(access);
  if (service === 'elb') return new (await import('./elb.ts')).ElbReader(access);
  return new (await import('./s3.ts')).S3Reader(access);
}
