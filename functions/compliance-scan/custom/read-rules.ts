import { parseAllDocuments } from 'yaml';
import { LakewardenError } from '#shared/errors/error.ts';
import { tryExamples } from '../model/examples.ts';
import type { Rule } from '../model/rule.ts';
import { ExpressionFault } from './cel.ts';
import { createCelRule } from './cel-rule.ts';
import { ruleFileSchema } from './rule-file.ts';

/** A file of rules: what to call it, and its text. */
export interface RuleText {
  readonly name: string;
  readonly text: string;
}

/**
 * The rules in files of YAML, one or many documents each. Every rule is checked: its keys, its expressions, its id against
 * `taken` ones, and its own examples, which are run. @throws LakewardenError `config.invalid` with all that is wrong.
 */
export function readRules(files: readonly RuleText[], taken: ReadonlySet<string> = new Set()): Rule[] {
  const faults: string[] = [];
  const rules = new Map<string, Rule>();
  for (const { name, text } of files)
    for (const [index, document] of parseAllDocuments(text).entries()) {
      const where = index === 0 ? name : `${name}, document ${index + 1}`;
      const [problem] = document.errors;
      if (problem !== undefined) {
        faults.push(`${where}: ${problem.message.split('\n')[0] ?? ''}`);
        continue;
      }
      const content: unknown = document.toJS({ maxAliasCount: 100 });
      if (content === null) continue;
      const { rule, wrong } = readRule(content);
      faults.push(...wrong.map((fault) => `${where}: ${fault}`));
      if (rule === undefined) continue;
      if (taken.has(rule.id) || rules.has(rule.id)) faults.push(`${where}: another rule is called ${rule.id}, too`);
      else rules.set(rule.id, rule);
    }
  if (faults.length > 0) throw new LakewardenError('config.invalid', `own rules: ${faults.join('; ')}`);
  return [...rules.values()];
}

function readRule(content: unknown): { rule?: Rule; wrong: string[] } {
  const read = ruleFileSchema.safeParse(content);
  if (!read.success)
    return {
      wrong: read.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'rule'}: ${message}`),
    };
  try {
    const rule = createCelRule(read.data);
    const wrong = tryExamples(rule).map(({ example, reason }) => `rule ${rule.id}, example "${example}": ${reason}`);
    return wrong.length > 0 ? { wrong } : { rule, wrong };
  } catch (error) {
    if (error instanceof ExpressionFault) return { wrong: [`rule ${read.data.id}: ${error.message}`] };
    throw error;
  }
}
