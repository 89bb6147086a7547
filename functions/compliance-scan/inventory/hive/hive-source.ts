import { isError } from '#shared/errors/error.ts';
import type { Metastore } from '#shared/hive/metastore.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { asListingError } from '../listing-error.ts';
import type { Change, Reference, Source } from '../source.ts';
import { readHiveChanges } from './changes.ts';
import { type HiveMetastoreBody, hiveKinds } from './kinds.ts';
import { HiveGrants, hiveScope, normaliseDatabase, normaliseMetastore, normaliseTable } from './normalise.ts';
import type { HiveSettings } from './settings.ts';

/** Tables that one call asks for. */
const pageSize = 100;

/** A metastore: itself, its databases and tables, with everybody's privileges on them. */
export class HiveSource implements Source {
  readonly name = 'hive';
  readonly #settings: HiveSettings;
  readonly #metastore: Metastore;

  constructor(settings: HiveSettings, metastore: Metastore) {
    this.#settings = settings;
    this.#metastore = metastore;
  }

  /** Requests made so far. */
  get calls(): number {
    return this.#metastore.calls;
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    for (const kind of Object.values(hiveKinds))
      if (kinds.has(kind)) yield { id: hiveScope(this.#settings.name, kind), kind };
  }

  async *list({ kind }: Scope, signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    try {
      if (kind === hiveKinds.metastore) yield [await this.#describe()];
      else if (kind === hiveKinds.database) yield* this.#databases(signal);
      else if (kind === hiveKinds.table) yield* this.#tables(signal);
    } catch (error) {
      throw asListingError(error, `${kind} of ${this.#settings.name}`);
    }
  }

  async read({ kind, name }: Reference): Promise<Resource | undefined> {
    try {
      if (kind === hiveKinds.metastore) return await this.#describe();
      // A name of a database holds no dot; the name of a table may.
      const dot = name.indexOf('.');
      return kind === hiveKinds.database
        ? await this.#database(name)
        : await this.#table(name.slice(0, dot), name.slice(dot + 1));
    } catch (error) {
      throw asListingError(error, `${kind} ${name}`);
    }
  }

  changes(event: CloudEventIn): readonly Change[] | undefined {
    return readHiveChanges(event, this.#settings.name);
  }

  close(): Promise<void> {
    return this.#metastore.close();
  }

  async #describe(): Promise<Resource> {
    const [version, tls, sasl, authentication, ...listeners] = await Promise.all([
      unlessRefused(this.#metastore.version()),
      this.#setting('metastore.use.SSL'),
      this.#setting('metastore.sasl.enabled'),
      this.#setting('metastore.authentication'),
      this.#setting('metastore.pre.event.listeners'),
      this.#setting('hive.security.metastore.authorization.manager'),
    ]);
    const [preEvent, manager] = listeners;
    const body: HiveMetastoreBody = {
      ...(version === undefined ? {} : { version }),
      ...(tls === undefined ? {} : { tls: tls.toLowerCase() === 'true' }),
      ...(sasl === undefined && authentication === undefined
        ? {}
        : { authentication: sasl?.toLowerCase() === 'true' ? 'KERBEROS' : readAuthentication(authentication) }),
      ...(preEvent === undefined
        ? {}
        : { authorization: preEvent === '' ? '' : [preEvent, manager].filter(Boolean).join(' ') }),
    };
    return normaliseMetastore(this.#settings.name, body);
  }

  #setting(name: string): Promise<string | undefined> {
    return unlessRefused(this.#metastore.serverSetting(name));
  }

  async #names(): Promise<readonly string[]> {
    const excluded = new Set(this.#settings.exclude.map((name) => name.toLowerCase()));
    return (await this.#metastore.databases()).filter((name) => !excluded.has(name.toLowerCase()));
  }

  async *#databases(signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const grants = await this.#grants();
    for (const name of await this.#names()) {
      signal.throwIfAborted();
      const database = await this.#metastore.database(name);
      // It may have been dropped meanwhile.
      if (database !== undefined) yield [normaliseDatabase(this.#settings.name, database, this.#settings, grants)];
    }
  }

  async *#tables(signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const grants = await this.#grants();
    for (const database of await this.#names()) {
      const names = await this.#metastore.tables(database);
      for (let start = 0; start < names.length; start += pageSize) {
        signal.throwIfAborted();
        const tables = await unlessGone(this.#metastore.tablesByNames(database, names.slice(start, start + pageSize)));
        yield (tables ?? []).map((table) => normaliseTable(this.#settings.name, table, this.#settings, grants));
      }
    }
  }

  async #database(name: string): Promise<Resource | undefined> {
    const [database, grants] = await Promise.all([this.#metastore.database(name), this.#grants({ database: name })]);
    return database && normaliseDatabase(this.#settings.name, database, this.#settings, grants);
  }

  async #table(database: string, name: string): Promise<Resource | undefined> {
    const [table, grants] = await Promise.all([
      this.#metastore.table(database, name),
      this.#grants({ database, name }),
    ]);
    return table && normaliseTable(this.#settings.name, table, this.#settings, grants);
  }

  async #grants(of?: { readonly database: string; readonly name?: string }): Promise<HiveGrants | undefined> {
    const privileges = await unlessRefused(this.#metastore.privileges(of));
    return privileges && new HiveGrants(privileges);
  }
}

/** NOSASL and NONE believe everybody. */
function readAuthentication(value = ''): string {
  return value === '' || value.toUpperCase() === 'NOSASL' ? 'NONE' : value.toUpperCase();
}

/** What the metastore does not tell us is undefined. */
async function unlessRefused<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isError(error, 'metastore.invalid', 'metastore.unsupported', 'metastore.not_found')) return undefined;
    throw error;
  }
}

async function unlessGone<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isError(error, 'metastore.not_found')) return undefined;
    throw error;
  }
}
