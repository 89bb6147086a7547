import { z } from 'zod';
import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { files, folder } from './examples.ts';

const parameters = z.strictObject({
  encryptedRoots: z.array(z.string()).default(['golden', 'quarantine', 'raw']).describe('roots that must be encrypted'),
});
const folders = (count: number, plain: number) => ({ count, plain, plainNames: plain > 0 ? ['01'] : [] });

/** Data at rest is encrypted, all of it. */
export const encrypted = defineRule<HdfsFolderBody, typeof parameters>({
  id: 'hdfs-in-encryption-zone',
  version: 1,
  title: 'Data lies in encryption zones',
  why: 'HDFS moves nothing into a zone: folders that are older than the zone, or were moved beside it, stay in plain text on the disks of DataNodes. So each level is looked at, not only the top. Roots and the folders right below them are reported by themselves, and deeper a folder of which only some parts lie in zones.',
  area: 'encryption',
  severity: 'high',
  kinds: [hdfsKinds.folder],
  controls: { 'pci-4.0': ['3.5.1'] },
  remedy:
    'Make a zone by hdfs crypto -createZone at an empty folder, copy the data into it by distcp, and let the tables point there.',
  triggers: ['hdfs/encryption', 'hdfs/content'],
  parameters,
  judge({ name, body }, { parameters: { encryptedRoots } }) {
    const { root, depth, encrypted: isEncrypted, folders: below, files: content } = body;
    if (!encryptedRoots.includes(root)) return [];
    if (isEncrypted) return pass(`${name} lies in an encryption zone`);
    const plainFiles = content?.plain ?? 0;
    if (plainFiles === 0 && below !== undefined && below.count > 0 && below.plain === 0)
      return pass(`all folders in ${name} are encryption zones`);
    const mixed = below !== undefined && below.plain < below.count;
    const evidence = {
      plainFiles,
      folders: below?.count ?? null,
      plainFolders: below?.plain ?? null,
      such: below?.plainNames ?? [],
    };
    if (mixed && plainFiles === 0)
      return fail(`${below.plain} of ${below.count} folders in ${name} lie outside the zones beside them`, evidence);
    // The folder above speaks for what is in it.
    if (depth > 1) return [];
    if (below === undefined) return unknown(`${name} is in no encryption zone, and what is in it was not looked at`);
    return below.count === 0 && content?.count === 0
      ? pass(`${name} is in no encryption zone and empty`)
      : fail(`${name} lies in no encryption zone`, evidence);
  },
  examples: [
    { shows: 'a zone', given: folder({ encrypted: true }), status: 'pass' },
    {
      shows: 'zones for topics',
      given: folder({ encrypted: false, depth: 0, folders: folders(3, 0), files: files({ count: 0 }) }),
      status: 'pass',
    },
    {
      shows: 'plain text',
      given: folder({ encrypted: false, folders: folders(3, 3), files: files({ count: 0 }) }),
      status: 'fail',
    },
    {
      shows: 'one partition beside the zone of its siblings',
      given: folder({ encrypted: false, depth: 4, folders: folders(24, 1), files: files({ count: 0 }) }),
      status: 'fail',
    },
    {
      shows: 'an empty folder',
      given: folder({ encrypted: false, folders: folders(0, 0), files: files({ count: 0 }) }),
      status: 'pass',
    },
  ],
});
