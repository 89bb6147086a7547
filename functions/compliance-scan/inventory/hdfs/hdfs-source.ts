import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { asListingError } from '../listing-error.ts';
import type { Change, Reference, Source } from '../source.ts';
import { readHdfsChanges } from './changes.ts';
import { hdfsKinds } from './kinds.ts';
import {
  FolderContent,
  folderIn,
  hdfsScope,
  normaliseFileSystem,
  normaliseFolder,
  type SeenFolder,
} from './normalise.ts';
import type { HdfsSettings } from './settings.ts';

type Root = HdfsSettings['roots'][number];

/** Folders of the last level that are looked into at once. */
const concurrency = 16;

/**
 * A file system: itself, and the folders below its roots. The walk keeps a page of names for each level, however many
 * folders there are.
 */
export class HdfsSource implements Source {
  readonly name = 'hdfs';
  readonly #settings: HdfsSettings;
  readonly #hdfs: WebHdfs;

  constructor(settings: HdfsSettings, hdfs: WebHdfs) {
    this.#settings = settings;
    this.#hdfs = hdfs;
  }

  /** Requests made so far. */
  get calls(): number {
    return this.#hdfs.calls;
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    for (const kind of Object.values(hdfsKinds))
      if (kinds.has(kind)) yield { id: hdfsScope(this.#settings.name, kind), kind };
  }

  async *list({ kind }: Scope, signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    try {
      if (kind === hdfsKinds.fileSystem) yield [await this.#fileSystem()];
      else if (kind === hdfsKinds.folder) yield* this.#folders(signal);
    } catch (error) {
      throw asListingError(error, `${kind} of ${this.#settings.name}`);
    }
  }

  async read({ kind, name: path }: Reference): Promise<Resource | undefined> {
    try {
      return kind === hdfsKinds.fileSystem ? await this.#fileSystem() : await this.#folder(path);
    } catch (error) {
      if (isError(error, 'hdfs.not_found', 'path.invalid')) return undefined;
      throw asListingError(error, `${kind} ${path}`);
    }
  }

  changes(event: CloudEventIn): readonly Change[] | undefined {
    return readHdfsChanges(event, this.#settings);
  }

  close(): Promise<void> {
    this.#hdfs.close();
    return Promise.resolve();
  }

  async #fileSystem(): Promise<Resource> {
    const [defaults, configuration] = await Promise.all([
      unlessRefused(this.#hdfs.serverDefaults()),
      unlessRefused(this.#hdfs.configuration()),
    ]);
    return normaliseFileSystem(this.#settings.name, defaults, configuration);
  }

  async *#folders(signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const unreadable: string[] = [];
    for (const root of this.#settings.roots) {
      const seen = await this.#seeRoot(root);
      yield* this.#walk(root, seen, signal, unreadable);
    }
    if (unreadable.length === 0) return;
    const some = unreadable.slice(0, 3).join(', ');
    throw new LakewardenError('inventory.forbidden', `${unreadable.length} folders may not be listed: ${some}`);
  }

  /** A root, and whether others may come to it. */
  async #seeRoot({ name, path }: Root): Promise<SeenFolder> {
    const status = await this.#hdfs.statusIfExists(path);
    if (status === undefined)
      throw new LakewardenError('inventory.incomplete', `there is no folder ${path}, which the settings call ${name}`);
    let reachable = true;
    const names = path.split('/').filter(Boolean);
    for (let above = 0; above < names.length && reachable; above += 1) {
      const { permission } = await this.#hdfs.status(`/${names.slice(0, above).join('/')}`);
      reachable = (Number.parseInt(permission, 8) & 1) === 1;
    }
    return { status, root: name, depth: 0, reachable };
  }

  /** A folder after all that is below it: only then is it known what is in it. */
  async *#walk(
    root: Root,
    folder: SeenFolder,
    signal: AbortSignal,
    unreadable: string[],
  ): AsyncGenerator<readonly Resource[]> {
    signal.throwIfAborted();
    const content = new FolderContent();
    let last: SeenFolder[] = [];
    try {
      for await (const status of this.#hdfs.list(folder.status.path)) {
        content.add(status);
        if (status.type !== 'DIRECTORY' || folder.depth >= root.depth) continue;
        const child = folderIn(folder, status);
        if (child.depth < root.depth) yield* this.#walk(root, child, signal, unreadable);
        else last.push(child);
        if (last.length < concurrency) continue;
        yield await this.#lastLevel(root, last, unreadable);
        last = [];
        signal.throwIfAborted();
      }
      if (last.length > 0) yield await this.#lastLevel(root, last, unreadable);
      yield [await this.#normalise(folder, content)];
    } catch (error) {
      if (isError(error, 'hdfs.access_denied')) {
        unreadable.push(folder.status.path);
        yield [await this.#normalise(folder, undefined)];
      } else if (!isError(error, 'hdfs.not_found') || folder.depth === 0) throw error;
    }
  }

  async #lastLevel(root: Root, folders: readonly SeenFolder[], unreadable: string[]): Promise<readonly Resource[]> {
    const resources = folders.map(async (folder) => {
      try {
        const content = root.files ? await this.#content(folder.status.path) : undefined;
        return [await this.#normalise(folder, content)];
      } catch (error) {
        // A folder that vanished meanwhile is gone.
        if (isError(error, 'hdfs.not_found')) return [];
        if (!isError(error, 'hdfs.access_denied')) throw error;
        unreadable.push(folder.status.path);
        return [await this.#normalise(folder, undefined)];
      }
    });
    return (await Promise.all(resources)).flat();
  }

  async #content(path: string): Promise<FolderContent> {
    const content = new FolderContent();
    for await (const status of this.#hdfs.list(path)) content.add(status);
    return content;
  }

  async #normalise(folder: SeenFolder, content: FolderContent | undefined): Promise<Resource> {
    const { path, acl } = folder.status;
    const wantsQuota = this.#settings.quotas && folder.depth === 0;
    const [entries, quota] = await Promise.all([
      acl ? unlessRefused(this.#hdfs.aclStatus(path)).then((status) => status ?? ('unread' as const)) : undefined,
      wantsQuota ? unlessRefused(this.#hdfs.quotaUsage(path)) : undefined,
    ]);
    return normaliseFolder(this.#settings.name, folder, entries, quota, content, this.#settings.labels);
  }

  async #folder(path: string): Promise<Resource | undefined> {
    const root = this.#settings.roots.find((each) => path === each.path || path.startsWith(childPath(each.path, '')));
    if (root === undefined) return undefined;
    const names = path.slice(root.path.length).split('/').filter(Boolean);
    if (names.length > root.depth) return undefined;
    let folder = await this.#seeRoot(root);
    for (const [index] of names.entries()) {
      const status: FileStatus = await this.#hdfs.status([root.path, ...names.slice(0, index + 1)].join('/'));
      if (status.type !== 'DIRECTORY') return undefined;
      folder = folderIn(folder, status);
    }
    const isLookedInto = names.length < root.depth || root.files;
    return this.#normalise(folder, isLookedInto ? await this.#content(path) : undefined);
  }
}

/** What a server does not let us know, or does not know, is undefined. */
async function unlessRefused<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isError(error, 'hdfs.access_denied', 'hdfs.unauthenticated', 'hdfs.unsupported', 'hdfs.protocol'))
      return undefined;
    throw error;
  }
}
