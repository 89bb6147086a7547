import { readFileSync } from 'node:fs';
import { isRecord } from '#shared/config/tree.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { hidden } from './entity.ts';

/** Where OpenWhisk is and who asks. */
export interface Access {
  /** Such as `https://openwhisk.example`; without a scheme it is https. */
  readonly host: string;
  readonly key: string;
  readonly namespace: string;
  readonly caFile?: string | undefined;
}

/** A thing as OpenWhisk's API tells it. */
export type Entity = Readonly<Record<string, unknown>>;

/** Names of the API's collections. */
export type Collection = 'packages' | 'actions' | 'triggers' | 'rules';

/** What we ask of OpenWhisk's API (v1). Each call throws LakewardenError `openwhisk.*`, `plan.stale` for a conflict. */
export interface Api {
  /** `undefined` when it is not there. */
  get(collection: Collection, name: string): Promise<Entity | undefined>;
  list(collection: Collection): Promise<Entity[]>;
  /** Makes a thing, or changes one that is there. */
  put(collection: Collection, name: string, body: object, overwrite: boolean): Promise<Entity>;
  delete(collection: Collection, name: string): Promise<void>;
  setRule(name: string, status: string): Promise<void>;
  /** Asks the provider of a feed; `undefined` when it knows no such feed. */
  askFeed(
    feed: string,
    event: 'CREATE' | 'READ' | 'UPDATE' | 'DELETE',
    trigger: string,
    more?: object,
  ): Promise<unknown>;
}

const pageSize = 200;
/** Milliseconds: to connect, and for an answer; providers of feeds are actions and may start cold. */
const patience = { open_timeout: 10_000, response_timeout: 70_000, read_timeout: 70_000 };

/** Opens OpenWhisk's API; nothing is asked yet. */
export async function openApi({ host, key, namespace, caFile }: Access): Promise<Api> {
  const { default: openwhisk } = await import('openwhisk');
  const { client } = openwhisk({ apihost: host, api_key: key }).actions;
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
  const home = `namespaces/${encodeURIComponent(namespace)}`;
  const pathOf = (collection: Collection, name: string): string =>
    `${home}/${collection}/${name.split('/').map(encodeURIComponent).join('/')}`;

  async function ask(method: string, path: string, qs: Record<string, string | number | boolean>, body?: unknown) {
    try {
      return await client.request(method, path, { ...patience, ...ca, qs, ...(body === undefined ? {} : { body }) });
    } catch (thrown) {
      throw describe(thrown, `${method} ${path}`, { host, key });
    }
  }

  return {
    async get(collection, name) {
      return orAbsent('thing', async () => asEntity(await ask('GET', pathOf(collection, name), {})));
    },
    async list(collection) {
      const found: Entity[] = [];
      for (;;) {
        const page = await ask('GET', `${home}/${collection}`, { limit: pageSize, skip: found.length });
        if (!Array.isArray(page)) throw failed(`GET ${collection}`, 'the answer is no list');
        found.push(...(page as Entity[]));
        if (page.length < pageSize) return found;
      }
    },
    async put(collection, name, body, overwrite) {
      return asEntity(await ask('PUT', pathOf(collection, name), overwrite ? { overwrite } : {}, body));
    },
    async delete(collection, name) {
      await orAbsent('thing', () => ask('DELETE', pathOf(collection, name), {}));
    },
    async setRule(name, status) {
      await ask('POST', pathOf('rules', name), {}, { status });
    },
    async askFeed(feed, event, trigger, more = {}) {
      const [, owner = '', ...action] = feed.split('/');
      const path = `namespaces/${encodeURIComponent(owner)}/actions/${action.map(encodeURIComponent).join('/')}`;
      const body = { ...more, lifecycleEvent: event, triggerName: `/${namespace}/${trigger}`, authKey: key };
      const call = () => ask('POST', path, { blocking: true }, body);
      const mayMiss = event === 'READ' || event === 'DELETE';
      const answer = mayMiss ? await orAbsent('feed', call) : await call();
      if (answer === undefined) return undefined;
      const { response } = asEntity(answer);
      if (!isRecord(response))
        throw new LakewardenError('openwhisk.unavailable', `the feed ${feed} did not answer in time`);
      return response['result'] ?? {};
    },
  };
}

/** What is absent: the thing itself, or a feed of which its provider does not know. */
async function orAbsent<T>(what: 'thing' | 'feed', work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LakewardenError && error.details['absent'] === what) return undefined;
    throw error;
  }
}

function asEntity(answer: unknown): Entity {
  if (!isRecord(answer)) throw failed('an answer', 'is no object');
  return answer;
}

function failed(what: string, reason: string): LakewardenError {
  return new LakewardenError('openwhisk.failed', `${what}: ${reason}`);
}

/** What providers of feeds say of a feed that they do not know. */
const unknownFeed = /could not find|not.?found|does not exist|\bmissing\b|\bdeleted\b/i;

/** Errors of the client, whose words may hold the address but never the key. */
function describe(thrown: unknown, what: string, { host, key }: Pick<Access, 'host' | 'key'>): LakewardenError {
  const { statusCode: status, message, error } = thrown as { statusCode?: number; message: string; error?: unknown };
  const text = (reasonOf(error) ?? message).replaceAll(key, hidden).replaceAll(key.split(':')[1] ?? key, hidden);
  const reason = scrub(text).slice(0, 300);
  if (status === undefined)
    return new LakewardenError('openwhisk.unavailable', `${host} cannot be asked: ${reason}${hintFor(reason)}`);
  if (status === 404)
    return new LakewardenError('openwhisk.failed', `${what}: ${reason}`, { details: { absent: 'thing' } });
  if (status === 401 || status === 403)
    return new LakewardenError('openwhisk.access_denied', `${what}: the key does not allow it (${status}: ${reason})`);
  if (status === 409) return new LakewardenError('plan.stale', `${what}: somebody else changes it (${reason})`);
  if (status === 413) return new LakewardenError('limit.exceeded', `${what}: ${reason}`);
  // An action that failed, here the provider of a feed, has this status.
  if (status === 502 && isActivation(error)) {
    const details = unknownFeed.test(reason) ? { absent: 'feed' } : {};
    return new LakewardenError('openwhisk.failed', `${what}: ${reason}`, { details });
  }
  if (status >= 500 || status === 429 || status === 408)
    return new LakewardenError('openwhisk.unavailable', `${what}: ${status}, ${reason}`);
  return new LakewardenError('openwhisk.failed', `${what}: ${status}, ${reason}`);
}

function isActivation(error: unknown): boolean {
  return isRecord(error) && isRecord(error['response']);
}

function reasonOf(error: unknown): string | undefined {
  if (!isRecord(error)) return undefined;
  const response = error['response'];
  const result = isRecord(response) ? response['result'] : error;
  const told = isRecord(result) ? result['error'] : undefined;
  if (typeof told === 'string') return told;
  return isRecord(told) ? (reasonOf(told) ?? JSON.stringify(told)) : undefined;
}

function hintFor(reason: string): string {
  return /certificate|self.signed|altname/i.test(reason) ? '; --ca-file names whom to trust' : '';
}
