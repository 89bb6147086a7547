import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { settingsSchema } from '#functions/compliance-scan/config.ts';
import { readManifestFiles } from '#functions/compliance-scan/inventory/manifests/manifest-files.ts';
import { type ManifestRepair, repairManifests } from '#functions/compliance-scan/remedy/repair-manifests.ts';
import { rulesInUse } from '#functions/compliance-scan/rules/rules-in-use.ts';
import { chooseOnly } from '#functions/compliance-scan/scan/choose-only.ts';
import { ownerBy } from '#functions/compliance-scan/site.ts';
import { asError } from '#shared/errors/error.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';
import { scanExit, withScanConfig } from './scan-settings.ts';
import { count, paint, printable } from './terminal.ts';

interface FixOptions {
  readonly config?: string;
  readonly only?: string[];
  readonly write?: true;
}

/** `lakewarden scan fix <folder>`: a patch for the manifests of their owner. */
export function fixCommand(): Command {
  return withScanConfig(new Command('fix'))
    .description('print a patch of manifests that mends what needs no decision of people; for git apply')
    .argument('<folder>', 'folder of manifests')
    .option('--only <what...>', 'only these rules, kinds or systems; * stands for any characters')
    .option('--write', 'change the files as well')
    .addHelpText(
      'after',
      `
What a patch changes is judged by all rules before it is printed: what failed passes then, and nothing else fails for it.

Exit codes:
  0  nothing is left that fails
  1  something fails still, or has to be mended by hand: it is named on standard error
  2  a file or the settings could not be read`,
    )
    .action(async (folder: string, options: FixOptions) => {
      try {
        process.exitCode = await fix(folder, options);
      } catch (thrown) {
        const error = asError(thrown);
        process.stderr.write(`${paint('red', `${error.code}: ${printable(error.message)}`, process.stderr)}\n`);
        process.exitCode = scanExit.notScanned;
      }
    });
}

async function fix(folder: string, { config, only, write }: FixOptions): Promise<number> {
  const { settings } = readFunctionSettings(settingsSchema, config === undefined ? {} : { files: config });
  const all = await rulesInUse(settings);
  const wanted = only === undefined ? undefined : new Set(chooseOnly(only, all).rules);
  const rules = all.filter(({ rule }) => wanted?.has(rule.id) ?? true);
  const surroundings = { now: Date.now(), ownerOf: ownerBy(settings.site) };
  const repairs: ManifestRepair[] = [];
  let unread = 0;
  for await (const { path, text, fault } of readManifestFiles(folder, new AbortController().signal)) {
    try {
      if (text === undefined) throw new Error(fault);
      const repair = repairManifests(path, text, rules, surroundings);
      repairs.push(repair);
      process.stdout.write(repair.patch);
      if (write === true && repair.patch !== '') writeFileSync(join(folder, path), repair.text);
    } catch (error) {
      unread += 1;
      tell('red', `${path}: ${error instanceof Error ? error.message : 'could not be read'}`);
    }
  }
  return summarise(repairs, unread);
}

function summarise(repairs: readonly ManifestRepair[], unread: number): number {
  for (const { path, mended, left, byHand } of repairs) {
    for (const { rule, reason } of mended) tell('green', `${path}: ${reason}: mended (${rule})`);
    for (const name of byHand) tell('yellow', `${path}: ${name} has to be changed by hand`);
    for (const { rule, reason } of left) tell('yellow', `${path}: ${reason}: left (${rule})`);
  }
  const mended = repairs.reduce((sum, one) => sum + one.mended.length, 0);
  const left = repairs.reduce((sum, one) => sum + one.left.length, 0);
  const files = repairs.filter(({ patch }) => patch !== '').length;
  tell('bold', `${count(mended, 'finding')} mended in ${count(files, 'file')}, ${left} left`);
  if (unread > 0) return scanExit.notScanned;
  return left > 0 ? scanExit.found : scanExit.clean;
}

function tell(colour: Parameters<typeof paint>[0], text: string): void {
  process.stderr.write(`${paint(colour, printable(text), process.stderr)}\n`);
}
