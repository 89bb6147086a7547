import { isError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';

/** Which files of a folder are held by snapshots: HDFS refuses to join them to another file. */
export class Pins {
  readonly #hdfs: WebHdfs;
  readonly #location: string;
  #roots: Promise<readonly { path: string; snapshots: readonly string[] }[]> | undefined;

  /** For the folders below a topic's folder; nothing is asked yet. */
  constructor(hdfs: WebHdfs, location: string) {
    this.#hdfs = hdfs;
    this.#location = location;
  }

  /** The snapshots that hold files of a folder, by the number of the file's inode. */
  async namesAt(folder: string): Promise<ReadonlyMap<number, string>> {
    this.#roots ??= this.#findRoots();
    const pinned = new Map<number, string>();
    for (const { path, snapshots } of await this.#roots)
      for (const snapshot of snapshots) {
        const there = `${path}/.snapshot/${snapshot}${folder.slice(path.length)}`;
        for (const fileId of await this.#inodes(there)) pinned.set(fileId, `${path}/.snapshot/${snapshot}`);
      }
    return pinned;
  }

  async #findRoots(): Promise<readonly { path: string; snapshots: readonly string[] }[]> {
    const names = this.#location.split('/').filter((name) => name !== '');
    const roots = [];
    for (const index of names.keys()) {
      const path = `/${names.slice(0, index + 1).join('/')}`;
      const status = await this.#hdfs.statusIfExists(path);
      if (status?.snapshotEnabled === true) roots.push({ path, snapshots: await this.#hdfs.snapshotList(path) });
    }
    return roots;
  }

  async #inodes(path: string): Promise<number[]> {
    const found: number[] = [];
    try {
      for await (const { fileId } of this.#hdfs.list(path)) found.push(fileId);
    } catch (error) {
      if (!isError(error, 'hdfs.not_found')) throw error;
    }
    return found;
  }
}
