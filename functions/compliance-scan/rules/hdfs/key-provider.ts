import { type HdfsFileSystemBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

/** There are keys to encrypt with. */
export const keyProvider = defineRule<HdfsFileSystemBody>({
  id: 'hdfs-has-key-provider',
  version: 1,
  title: 'HDFS has a server for keys',
  why: 'Without one there can be no encryption zone, and zones that are there cannot be read. Keys in a file of the NameNode lie beside what they protect.',
  area: 'encryption',
  severity: 'high',
  kinds: [hdfsKinds.fileSystem],
  remedy: 'Run a key management server, and name it in hadoop.security.key.provider.path as kms://….',
  judge({ name, body: { keyProvider: provider } }) {
    if (provider === undefined) return unknown(`${name} does not tell where its keys are`);
    if (provider === '')
      return fail(`${name} has no place for keys, so nothing in it can be encrypted`, { keyProvider: '' });
    return provider.startsWith('kms:')
      ? pass(`${name} has a server for keys`)
      : fail(`${name} keeps its keys in a file`, { keyProvider: provider }, { severity: 'medium' });
  },
  examples: [
    { shows: 'a server', given: { body: { keyProvider: 'kms://https@kms:9600/kms' } }, status: 'pass' },
    { shows: 'a file', given: { body: { keyProvider: 'jceks://file@/keys.jceks' } }, status: 'fail' },
    { shows: 'nothing', given: { body: { keyProvider: '' } }, status: 'fail' },
    { shows: 'not told', given: { body: {} }, status: 'unknown' },
  ],
});
