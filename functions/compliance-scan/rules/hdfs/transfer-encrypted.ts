import { type HdfsFileSystemBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const protection = 'dfs.data.transfer.protection';

/** What goes to and from DataNodes is encrypted. */
export const transferEncrypted = defineRule<HdfsFileSystemBody>({
  id: 'hdfs-transfer-encrypted',
  version: 1,
  title: 'Data is encrypted on its way to and from DataNodes',
  why: 'Without it whoever is on the way reads and changes blocks, also between DataNodes when they copy. Files in encryption zones are encrypted by the client already; all others are not.',
  area: 'encryption',
  severity: 'high',
  kinds: [hdfsKinds.fileSystem],
  controls: { 'pci-4.0': ['4.2.1'] },
  remedy: `Set dfs.encrypt.data.transfer=true, or ${protection}=privacy with Kerberos, on all servers and clients.`,
  judge({ name, body: { encryptsTransfer, settings } }) {
    const sasl = settings?.[protection] ?? '';
    if (encryptsTransfer === true || sasl.trim() === 'privacy') return pass(`${name} encrypts data on its way`);
    if (encryptsTransfer === undefined) return unknown(`${name} does not tell whether it encrypts data on its way`);
    return fail(`${name} sends data in plain text`, { 'dfs.encrypt.data.transfer': false, [protection]: sasl });
  },
  examples: [
    { shows: 'encryption', given: { body: { encryptsTransfer: true } }, status: 'pass' },
    {
      shows: 'by SASL',
      given: { body: { encryptsTransfer: false, settings: { [protection]: 'privacy' } } },
      status: 'pass',
    },
    {
      shows: 'weaker ways allowed',
      given: { body: { encryptsTransfer: false, settings: { [protection]: 'privacy,integrity' } } },
      status: 'fail',
    },
    { shows: 'plain text', given: { body: { encryptsTransfer: false } }, status: 'fail' },
    { shows: 'not told', given: { body: {} }, status: 'unknown' },
  ],
});
