import type { Rule } from '../../model/rule.ts';
import { deadLettersKept } from './dead-letters-kept.ts';
import { deadLettersNotWider } from './dead-letters-not-wider.ts';
import { filesNotWider } from './files-not-wider.ts';
import { foldersNotWider } from './folders-not-wider.ts';
import { tablesEncrypted } from './tables-encrypted.ts';
import { tablesNotWritable } from './tables-not-writable.ts';

/** The rules that hold one system of the lake against another. */
export const lakeRules: readonly Rule[] = [
  filesNotWider,
  tablesEncrypted,
  tablesNotWritable,
  foldersNotWider,
  deadLettersNotWider,
  deadLettersKept,
];
