import type { Rule } from '../model/rule.ts';
import { kubernetesRules } from './kubernetes/kubernetes-rules.ts';
import { waiverRules } from './waivers/waiver-rules.ts';

/** All built-in rules. */
export const catalogue: readonly Rule[] = [...kubernetesRules, ...waiverRules];
