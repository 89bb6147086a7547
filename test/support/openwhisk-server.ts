import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;
type Answer = readonly [status: number, body: unknown];

/** A request as the API saw it. */
export interface Seen {
  readonly method: string;
  /** Path below `/api/v1/namespaces/guest/`, or the whole of another namespace. */
  readonly path: string;
  readonly body: Json;
}

/**
 * An emulation of OpenWhisk's API (v1) and of the providers of alarms and Kafka feeds, with state: what their sources say of
 * the requests that we make (apache/openwhisk, core/controller; apache/openwhisk-package-alarms and -kafka).
 */
export class OpenWhiskServer {
  readonly key = 'guest-user:guest-password';
  readonly collections: Record<string, Map<string, Json>> = {
    packages: new Map(),
    actions: new Map(),
    triggers: new Map(),
    rules: new Map(),
  };
  /** What providers of feeds keep, by trigger. */
  readonly feeds = new Map<string, { kind: string; params: Json; active: boolean }>();
  readonly seen: Seen[] = [];
  /** Called before each request; what it returns is the answer. */
  before: (seen: Seen) => Answer | undefined = () => undefined;
  #server: ReturnType<typeof createServer> | undefined;
  #scheme = 'http';

  /** Listens on a free port; answers its address. With a key and a certificate (PEM) by TLS. */
  async start(tls?: { key: string; cert: string }): Promise<string> {
    const listener = (request: IncomingMessage, response: { writeHead: Function; end: Function }): void => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const [status, body] = this.#answer(request, Buffer.concat(parts).toString());
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    };
    this.#server = tls === undefined ? createServer(listener as never) : createTlsServer(tls, listener as never);
    this.#scheme = tls === undefined ? 'http' : 'https';
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** Requests that change something, as `PUT actions/p/a`, since this was asked last. */
  writes(): string[] {
    const reads = (seen: Seen): boolean => seen.method === 'GET' || seen.body['lifecycleEvent'] === 'READ';
    return this.seen
      .splice(0)
      .filter((seen) => !reads(seen))
      .map(({ method, path, body }) => `${(body['lifecycleEvent'] ?? method) as string} ${path}`);
  }

  /** A thing, which a test may look at or change behind our back. */
  thing(collection: string, name: string): Json {
    const found = this.collections[collection]?.get(name);
    if (found === undefined) throw new Error(`${collection}/${name} is not there`);
    return found;
  }

  #answer(request: IncomingMessage, text: string): Answer {
    const expected = `Basic ${Buffer.from(this.key).toString('base64')}`;
    if (request.headers.authorization !== expected)
      return [401, { error: 'The supplied authentication is invalid', code: 'x' }];
    const url = new URL(request.url ?? '', 'http://x');
    const [, namespace = '', ...rest] = decodeURIComponent(url.pathname)
      .split('/namespaces/')
      .join('/')
      .split('/')
      .slice(2);
    const body = (text === '' ? {} : JSON.parse(text)) as Json;
    const isOwn = namespace === '_' || namespace === 'guest';
    const path = isOwn ? rest.join('/') : [namespace, ...rest].join('/');
    const seen = { method: request.method ?? '', path, body };
    this.seen.push(seen);
    const told = this.before(seen);
    if (told !== undefined) return told;
    if (namespace === 'whisk.system') return this.#feed(rest.slice(1).join('/'), body);
    if (!isOwn) return [403, { error: 'The supplied authentication is not authorized to access this resource.' }];
    const [collection = '', ...name] = rest;
    const things = this.collections[collection];
    if (things === undefined) return missing;
    if (name.length === 0) return list(things, url);
    return this.#entity(collection, things, name.join('/'), {
      ...seen,
      overwrite: url.searchParams.get('overwrite') === 'true',
    });
  }

  #entity(collection: string, things: Map<string, Json>, name: string, asked: Seen & { overwrite: boolean }): Answer {
    const there = things.get(name);
    const { method, body, overwrite } = asked;
    if (method === 'PUT') {
      if (there !== undefined && !overwrite) return [409, { error: 'resource already exists', code: 'x' }];
      const fault = this.#faultOf(collection, name, body);
      if (fault !== undefined) return fault;
      const made = {
        ...fresh(collection, name),
        ...there,
        ...withReferences(collection, body),
        version: next(there?.['version']),
      };
      things.set(name, made);
      return [200, made];
    }
    if (there === undefined) return missing;
    if (method === 'GET') return [200, there];
    if (method === 'DELETE') {
      if (
        collection === 'packages' &&
        [...(this.collections['actions']?.keys() ?? [])].some((one) => one.startsWith(`${name}/`))
      )
        return [409, { error: 'Package not empty (contains 1 entity)' }];
      things.delete(name);
      return [200, there];
    }
    if (collection === 'rules') {
      things.set(name, { ...there, status: body['status'] });
      return [200, {}];
    }
    return [202, { activationId: 'a' }];
  }

  #faultOf(collection: string, name: string, body: Json): Answer | undefined {
    if (collection === 'actions' && !this.collections['packages']?.has(name.split('/')[0] ?? '')) return missing;
    if (collection !== 'rules') return undefined;
    for (const [field, plural] of [
      ['trigger', 'triggers'],
      ['action', 'actions'],
    ] as const)
      if (!this.collections[plural]?.has(String(body[field]).split('/').slice(2).join('/')))
        return [404, { error: `The requested resource does not exist: ${field}` }];
    return undefined;
  }

  /** The providers: what is not theirs to say is an error of their action, which the API tells as 502. */
  #feed(action: string, { lifecycleEvent, authKey, triggerName, ...params }: Json): Answer {
    const [home = '', kind = ''] = action.split('/');
    if (!['alarms', 'messaging'].includes(home)) return missing;
    const trigger = String(triggerName).split('/')[2] ?? '';
    const fail = (error: unknown): Answer => [
      502,
      { activationId: 'a', response: { success: false, status: 'application error', result: { error } } },
    ];
    if (authKey !== this.key || !this.collections['triggers']?.has(trigger))
      return fail({ statusCode: 401, error: 'Trigger authentication request failed.' });
    const there = this.feeds.get(trigger);
    if (lifecycleEvent === 'CREATE') {
      if (there !== undefined && home === 'alarms') return fail({ error: 'error creating alarm trigger.' });
      if (kind === 'alarm' && !/^\S+( \S+){4,5}$/.test(String(params['cron'])))
        return fail(`cron pattern '${String(params['cron'])}' is not valid`);
      this.feeds.set(trigger, { kind, params, active: true });
      return ok({ status: 'success' });
    }
    if (there === undefined)
      return fail(
        home === 'alarms' ? { error: `could not find trigger /guest/${trigger} in the database` } : 'Error: missing',
      );
    if (lifecycleEvent === 'DELETE') this.feeds.delete(trigger);
    if (lifecycleEvent === 'UPDATE') Object.assign(there.params, params);
    if (lifecycleEvent !== 'READ') return ok({});
    const { trigger_payload: payload, timezone: _timezone, strict: _strict, ...config } = there.params;
    const reason = { kind: 'AUTO', statusCode: 404, message: 'Automatically disabled after receiving a 404' };
    const status = { active: there.active, dateChanged: 1, ...(there.active ? {} : { reason }) };
    return ok({
      config: { name: trigger, namespace: 'guest', ...config, ...(payload === undefined ? {} : { payload }) },
      status,
    });
  }
}

const missing: Answer = [404, { error: 'The requested resource does not exist.', code: 'x' }];

function ok(result: Json): Answer {
  return [200, { activationId: 'a', response: { success: true, status: 'success', result } }];
}

function list(things: Map<string, Json>, url: URL): Answer {
  const [skip, limit] = [Number(url.searchParams.get('skip')), Number(url.searchParams.get('limit') ?? 30)];
  const shown = ({ name, namespace, annotations, version }: Json): Json => ({ name, namespace, annotations, version });
  return [200, [...things.values()].slice(skip, skip + limit).map(shown)];
}

function fresh(collection: string, name: string): Json {
  const parts = name.split('/');
  const namespace = ['guest', ...parts.slice(0, -1)].join('/');
  const common = { name: parts.at(-1), namespace, annotations: [], publish: false };
  if (collection === 'rules') return { ...common, status: 'active' };
  const limits = { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 };
  return { ...common, parameters: [], ...(collection === 'actions' ? { limits } : {}) };
}

function withReferences(collection: string, body: Json): Json {
  if (collection === 'actions' && body['exec'] !== undefined) {
    const { kind } = body['exec'] as Json;
    return { ...body, annotations: [...((body['annotations'] ?? []) as object[]), { key: 'exec', value: kind }] };
  }
  if (collection !== 'rules') return body;
  const told = (full: unknown): Json => {
    const [, , ...parts] = String(full).split('/');
    return { path: ['guest', ...parts.slice(0, -1)].join('/'), name: parts.at(-1) };
  };
  return { ...body, trigger: told(body['trigger']), action: told(body['action']) };
}

function next(version: unknown): string {
  const [major, minor, patch] = ((version ?? '0.0.0') as string).split('.').map(Number);
  return `${major}.${minor}.${(patch ?? 0) + 1}`;
}
