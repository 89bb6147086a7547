import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import type { HiveDatabaseBody, HiveTableBody } from '../../inventory/hive/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import type { Look, Need } from '../../model/rule.ts';

/** What rules about tables and topics need of a folder. */
export interface FolderFact {
  readonly path: string;
  /** What others may do there, with all folders above: `---` where one shields it. */
  readonly others: string;
  /** Who else may read by name, without what a mask takes away; undefined where the ACL could not be read. */
  readonly readers: readonly string[] | undefined;
  readonly encrypted: boolean;
}

/** Folders of tables and topics lie so far below a root; a million partitions below them are not kept. */
const deepest = 2;

/** Folders by their paths. */
export const folderNeed: Need<FolderFact> = {
  kind: hdfsKinds.folder,
  keys: ({ name }) => [name],
  fact(resource) {
    const body = resource.body as HdfsFolderBody;
    return body.depth > deepest ? undefined : readFolderFact(body);
  },
};

/** The fact of a folder. */
export function readFolderFact({ path, others, reachable, acl, encrypted }: HdfsFolderBody): FolderFact {
  const readers = acl
    ?.filter(
      ({ scope, type, name, effective }) =>
        scope === 'access' && type === 'user' && name !== '' && effective[0] === 'r',
    )
    .map(({ name }) => name);
  return { path, others: reachable ? others : '---', readers, encrypted };
}

/** The folder at a path, or else the nearest one above it that was looked at. */
export function findFolder(
  path: string,
  look: Look,
): { readonly fact: FolderFact; readonly exact: boolean } | undefined {
  for (let folder = path; folder !== ''; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    const [fact] = look.related(folderNeed, folder);
    if (fact !== undefined) return { fact, exact: folder === path };
  }
  return undefined;
}

/** What rules about tables and folders judge a table by: its columns would take most of the room. */
export function trimTable<Body extends HiveTableBody | HiveDatabaseBody>(resource: Resource<Body>): Resource<Body> {
  return 'columns' in resource.body
    ? { ...resource, body: { ...resource.body, columns: [], partitionKeys: [] } }
    : resource;
}

/** A folder as examples put it beside a table. */
export function folderBeside(more: Partial<HdfsFolderBody> = {}) {
  const path = more.path ?? '/golden/clicks';
  const body = { path, depth: 1, others: '---', reachable: true, acl: [], encrypted: true, ...more };
  return { kind: hdfsKinds.folder, name: path, body };
}
