import type { Rule } from '../../model/rule.ts';
import { requiredLabels } from './required-labels.ts';

/** Rules about labels and tags of all systems. */
export const labelRules: readonly Rule[] = [requiredLabels];
