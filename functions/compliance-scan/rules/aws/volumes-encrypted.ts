import type { VolumeBody } from '../../inventory/aws/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';

const volume = (encrypted: boolean) => ({ name: 'vol-1', body: { encrypted, state: 'in-use', attachedTo: ['i-1'] } });

/** Disks are encrypted at rest. */
export const volumesEncrypted = defineRule<VolumeBody>({
  id: 'aws-volumes-encrypted',
  version: 1,
  title: 'EBS volumes are encrypted',
  why: 'A disk of a broker or data node holds the lake in the clear, and a snapshot of it can be shared with any account by one call.',
  area: 'encryption',
  severity: 'high',
  kinds: ['aws.Volume'],
  controls: { 'cis-aws-3.0': ['2.2.1'] },
  remedy:
    'Switch on encryption by default for the region, then copy a snapshot of the volume encrypted and swap the disk.',
  judge({ name, body: { encrypted, key, state } }) {
    return encrypted
      ? pass(`${name} is encrypted${key === undefined ? '' : ` with ${key}`}`)
      : fail(`${name} is not encrypted`, { state });
  },
  examples: [
    { shows: 'an encrypted volume', given: volume(true), status: 'pass' },
    { shows: 'a plain one', given: volume(false), status: 'fail' },
  ],
});
