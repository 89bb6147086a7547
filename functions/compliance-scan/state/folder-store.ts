import { createHash, randomUUID } from 'node:crypto';
import { LakewardenError } from '#shared/errors/error.ts';
import type { Folder } from './folder.ts';
import { decodeScope, encodeScope, joinFiles, type ScopeFile } from './scope-file.ts';
import { changeState, emptyState, type ScopeChange } from './scope-state.ts';
import type { KnownScope, StateStore, Stored } from './store.ts';

/**
 * Keeps findings in files, a folder for each listing. Files are written once and never changed; the name of an empty file, the
 * head, says which is the newest: `head-7-<id>` belongs to `7-<id>.jsonl`. To commit is to write a file and rename the head.
 * A head can be renamed once only, so of two that commit on the same state one finds it gone. A writer that is killed leaves a
 * file to which no head leads.
 */
export class FolderStore implements StateStore {
  readonly #folder: Folder;
  readonly #known = new Map<string, Loaded>();

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  async scopes(): Promise<readonly KnownScope[]> {
    const entries = (await this.#folder.list('')) ?? [];
    const newest = Math.max(...entries.map(({ modified }) => modified));
    const scopes: KnownScope[] = [];
    for (const { name, modified } of entries) {
      // Whoever began it was killed before it counted.
      if (name.startsWith('.new-') && modified < newest - forgottenMs) await this.#folder.remove(name);
      const read = readName(name);
      const known = read === 'hashed' ? (await this.#load(name))?.stored.state : read;
      if (known !== undefined) scopes.push({ scope: known.scope, kind: known.kind });
    }
    return scopes;
  }

  async load(known: KnownScope): Promise<Stored> {
    const loaded = await this.#load(nameOf(known));
    return loaded?.stored ?? { state: emptyState(known.scope, known.kind), token: '' };
  }

  async commit({ state, token }: Stored, change: ScopeChange): Promise<Stored | undefined> {
    const place = nameOf(state);
    const kept = this.#known.get(place);
    const known = kept?.stored.token === token || token === '' ? kept : await this.#load(place);
    if (token !== '' && known?.stored.token !== token) return undefined;
    const { files = [], changes = 0 } = token === '' ? {} : (known ?? {});
    const after = changeState(state, change);
    const bytes = encodeScope({ after, change, before: files, changes });
    const id = `${numberOf(token) + 1}-${randomUUID()}`;
    const next = `head-${id}`;
    const isDone = token === '' ? await this.#begin(place, id, bytes) : await this.#advance(place, token, id, bytes);
    if (!isDone) return undefined;
    const { header } = decodeScope(bytes, id);
    const stored = { state: after, token: next };
    this.#keep(place, { stored, files: [...header.before, `${id}.jsonl`], changes: header.changes });
    if (header.before.length === 0) await this.#sweep(place, `${id}.jsonl`);
    return stored;
  }

  close(): Promise<void> {
    this.#folder.close();
    return Promise.resolve();
  }

  /** A folder comes into being with its first head in it, so that there is never one without. */
  async #begin(place: string, id: string, bytes: Uint8Array): Promise<boolean> {
    const fresh = `.new-${randomUUID()}`;
    await this.#folder.create(`${fresh}/${id}.jsonl`, bytes);
    await this.#folder.create(`${fresh}/head-${id}`, new Uint8Array());
    if (await this.#folder.rename(fresh, place)) return true;
    await this.#folder.remove(fresh);
    return false;
  }

  async #advance(place: string, token: string, id: string, bytes: Uint8Array): Promise<boolean> {
    await this.#folder.create(`${place}/${id}.jsonl`, bytes);
    if (await this.#folder.rename(`${place}/${token}`, `${place}/head-${id}`)) return true;
    await this.#folder.remove(`${place}/${id}.jsonl`);
    return false;
  }

  async #load(place: string): Promise<Loaded | undefined> {
    // Between listing and reading, somebody may write everything anew and sweep what we look for.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const entries = await this.#folder.list(place);
      if (entries === undefined) return undefined;
      const token = entries.map(({ name }) => name).find((name) => name.startsWith('head-'));
      const known = this.#known.get(place);
      if (token !== undefined && known?.stored.token === token) return known;
      const loaded = token === undefined ? undefined : await this.#read(place, token);
      if (loaded === undefined) continue;
      this.#keep(place, loaded);
      return loaded;
    }
    throw new LakewardenError('busy', `the state in ${place} changes all the time`);
  }

  async #read(place: string, token: string): Promise<Loaded | undefined> {
    const newest = `${token.slice('head-'.length)}.jsonl`;
    const last = await this.#readFile(place, newest);
    if (last === undefined) return undefined;
    const files: ScopeFile[] = [];
    for (const name of last.header.before) {
      const file = await this.#readFile(place, name);
      if (file === undefined) return undefined;
      files.push(file);
    }
    const { before, changes } = last.header;
    return { stored: { state: joinFiles([...files, last]), token }, files: [...before, newest], changes };
  }

  async #readFile(place: string, name: string): Promise<ScopeFile | undefined> {
    const bytes = await this.#folder.read(`${place}/${name}`);
    return bytes === undefined ? undefined : decodeScope(bytes, `${place}/${name}`);
  }

  #keep(place: string, loaded: Loaded): void {
    this.#known.delete(place);
    this.#known.set(place, loaded);
    const [oldest] = this.#known.keys();
    if (this.#known.size > keptStates && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Removes files that a whole one has made needless. Whoever still reads them finds them gone, and looks again. */
  async #sweep(place: string, newest: string): Promise<void> {
    const entries = (await this.#folder.list(place)) ?? [];
    const number = numberOf(newest);
    for (const { name } of entries)
      if (!name.startsWith('head-') && numberOf(name) < number) await this.#folder.remove(`${place}/${name}`);
  }
}

interface Loaded {
  readonly stored: Stored;
  /** The files that make the state up, oldest first. */
  readonly files: readonly string[];
  readonly changes: number;
}

/** A beginning that is older than this has been given up, in milliseconds. */
const forgottenMs = 86_400_000;
/** States that are kept in memory, so that a listing of the folder is enough to know them again. */
const keptStates = 32;
/** Longest name of a file, in bytes of what it is encoded to; both kinds of places allow 255. */
const longestName = 200;

/** The number in `head-7-<id>`, `7-<id>` or `7-<id>.jsonl`; 0 for none. */
function numberOf(name: string): number {
  return Number(/^(?:head-)?(\d+)-/.exec(name)?.[1] ?? 0);
}

function nameOf({ scope, kind }: KnownScope): string {
  const name = `${encode(kind)}@${encode(scope)}`;
  if (name.length <= longestName) return name;
  return `~${createHash('sha256').update(`${kind}\0${scope}`).digest('hex').slice(0, 40)}`;
}

/** Names that every place takes; `%` stays a letter to HDFS. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function readName(name: string): KnownScope | 'hashed' | undefined {
  if (name.startsWith('~')) return 'hashed';
  const [kind = '', scope, more] = name.split('@');
  if (scope === undefined || more !== undefined) return undefined;
  try {
    return { kind: decodeURIComponent(kind), scope: decodeURIComponent(scope) };
  } catch {
    return undefined;
  }
}
