import type { Rule } from '../../model/rule.ts';
import { aclMask } from './acl-mask.ts';
import { aclPeople } from './acl-people.ts';
import { defaultAcl } from './default-acl.ts';
import { encrypted } from './encrypted.ts';
import { fileSystemSettings } from './file-system-settings.ts';
import { keyProvider } from './key-provider.ts';
import { othersRead } from './others-read.ts';
import { othersWrite } from './others-write.ts';
import { owner } from './owner.ts';
import { plainNames } from './plain-names.ts';
import { quota } from './quota.ts';
import { sticky } from './sticky.ts';
import { supergroup } from './supergroup.ts';
import { transferEncrypted } from './transfer-encrypted.ts';

/** The rules about HDFS. */
export const hdfsRules: readonly Rule[] = [
  othersRead,
  othersWrite,
  sticky,
  supergroup,
  owner,
  aclPeople,
  aclMask,
  defaultAcl,
  encrypted,
  quota,
  plainNames,
  transferEncrypted,
  keyProvider,
  ...fileSystemSettings,
];
