import type { Settings } from '../config.ts';
import type { ActiveRule } from '../evaluate.ts';
import type { Rule } from '../model/rule.ts';
import { readYamlFolder } from '../read-folder.ts';
import { activateRules } from './activate.ts';
import { catalogue } from './catalogue.ts';

/** All rules that the settings use: the built-in ones, and your own. @throws config.invalid that names every fault */
export async function rulesInUse({ rules, ownRules, site }: Settings): Promise<ActiveRule[]> {
  const own = ownRules === undefined ? [] : await readOwnRules(ownRules);
  return activateRules([...catalogue, ...own], rules, site);
}

/** The rules in a folder of YAML files; the language is loaded only for those who use it. */
async function readOwnRules(folder: string): Promise<Rule[]> {
  const files = await readYamlFolder(folder, 'own rules');
  if (files.length === 0) return [];
  const { readRules } = await import('../custom/read-rules.ts');
  return readRules(files, new Set(catalogue.map(({ id }) => id)));
}
