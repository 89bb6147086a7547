import type { Operation } from './operation.ts';
import { encodePath, parentPath } from './path.ts';

/** How a DataNode was told to read: everything of the request but file and range. */
interface Route {
  /** Address and the path's part before the file. */
  readonly prefix: string;
  /** Parameters, among them what tells the DataNode of its NameNode and of us. */
  readonly rest: string;
}

/** What is known of one folder. */
interface FolderRoutes {
  readonly routes: Route[];
  /** Who we were when the NameNode named them. */
  readonly identity: string;
  asked: number;
}

const maxFolders = 64;
const maxRoutes = 16;
/** Of so many reads one goes by the NameNode, so that others than the first DataNodes get known and share the work. */
const renewal = 64;

/**
 * Remembers where the NameNode sent readers of a folder's files, so that small reads of its other files can go there at once:
 * any DataNode reads any file, as a client of its own, with the rights of the user that it is told. No route is taken for
 * another folder, which may be mounted from elsewhere.
 */
export class ReadRoutes {
  readonly #folders = new Map<string, FolderRoutes>();

  /** Remembers a redirect of the NameNode; one that is not as expected is left. */
  learn(operation: Operation, target: URL, identity: string): void {
    const file = encodePath(operation.path);
    if (!target.pathname.endsWith(file)) return;
    const { offset, length } = operation.params ?? {};
    const given = target.search.slice(1).split('&');
    const rest = given.filter((pair) => pair !== `offset=${String(offset)}` && pair !== `length=${String(length)}`);
    if (rest.length !== given.length - 2 || !rest.includes('op=OPEN')) return;
    const route = { prefix: `${target.origin}${target.pathname.slice(0, -file.length)}`, rest: rest.join('&') };
    const key = parentPath(operation.path);
    const known = this.#folders.get(key);
    if (known === undefined || known.identity !== identity) {
      if (this.#folders.size >= maxFolders) this.#folders.clear();
      this.#folders.set(key, { routes: [route], identity, asked: 0 });
    } else if (known.routes.length < maxRoutes && !known.routes.some((one) => one.prefix === route.prefix)) {
      known.routes.push(route);
    }
  }

  /** Where to read at once; undefined when the NameNode is to be asked. */
  find(operation: Operation, identity: string): URL | undefined {
    const folder = this.#folders.get(parentPath(operation.path));
    if (folder === undefined || folder.identity !== identity) return undefined;
    folder.asked += 1;
    const route = folder.asked % renewal === 0 ? undefined : folder.routes[folder.asked % folder.routes.length];
    if (route === undefined) return undefined;
    const { offset, length } = operation.params ?? {};
    const range = `offset=${String(offset)}&length=${String(length)}`;
    return new URL(`${route.prefix}${encodePath(operation.path)}?${route.rest}&${range}`);
  }

  /** Forgets the folder of a file, after trouble on the way. */
  forget({ path }: Operation): void {
    this.#folders.delete(parentPath(path));
  }
}
