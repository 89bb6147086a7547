import type { Rule } from '../../model/rule.ts';
import { classified } from './classified.ts';
import { locationInRoots } from './location-in-roots.ts';
import { dropKeepsData } from './drop-keeps-data.ts';
import { metastoreRules } from './metastore-rules.ts';
import { owned } from './owned.ts';
import { peopleGrants } from './people-grants.ts';
import { personalColumns } from './personal-columns.ts';
import { plainLocation } from './plain-location.ts';
import { publicGrants } from './public-grants.ts';

/** The rules about Hive. */
export const hiveRules: readonly Rule[] = [
  owned,
  classified,
  locationInRoots,
  dropKeepsData,
  plainLocation,
  personalColumns,
  publicGrants,
  peopleGrants,
  ...metastoreRules,
];
