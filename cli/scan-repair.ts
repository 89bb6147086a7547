import { Command } from 'commander';
import { openKubernetes } from '#functions/compliance-scan/inventory/kubernetes/open-kubernetes.ts';
import { ObjectWriter } from '#functions/compliance-scan/remedy/object-writer.ts';
import {
  makeClusterRepair,
  planClusterRepairs,
  type RepairOutcome,
} from '#functions/compliance-scan/remedy/repair-cluster.ts';
import { rulesInUse } from '#functions/compliance-scan/rules/rules-in-use.ts';
import { ownerBy } from '#functions/compliance-scan/site.ts';
import { asError, LakewardenError } from '#shared/errors/error.ts';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import { scanExit, scanSettings, type ScanSettingsOptions, withScanConfig } from './scan-settings.ts';
import { count, paint, printable } from './terminal.ts';

/** `lakewarden scan repair`: changes objects of a cluster directly, for rules that the settings allow it for. */
export function repairCommand(): Command {
  return withScanConfig(new Command('repair'))
    .description('mend objects of the cluster directly, for the rules of remedy.rules; a patch of manifests is better')
    .option('--apply', 'change them; without it, the API server only tries')
    .addHelpText(
      'after',
      `
An object is changed only as it was scanned, tried by the API server first, and judged as it would be. What Argo CD, Flux, Helm
or a controller brings is left: they would bring it back.

Exit codes:
  0  all that was found is mended (or would be)
  1  something is left, with the reason
  2  the settings or the cluster could not be read, or more was found than remedy.most`,
    )
    .action(async ({ apply, ...options }: ScanSettingsOptions & { apply?: true }) => {
      try {
        process.exitCode = await repair(options, apply !== true);
      } catch (thrown) {
        const error = asError(thrown);
        process.stderr.write(`${paint('red', `${error.code}: ${printable(error.message)}`, process.stderr)}\n`);
        process.exitCode = scanExit.notScanned;
      }
    });
}

async function repair(options: ScanSettingsOptions, dryRun: boolean): Promise<number> {
  const settings = scanSettings(options);
  const { kubernetes } = settings.sources;
  if (kubernetes === undefined) throw new LakewardenError('config.invalid', 'sources.kubernetes: no cluster is named');
  const all = await rulesInUse(settings);
  const rules = all.filter(({ rule }) => settings.remedy.rules.some((pattern) => fitsPattern(rule.id, pattern)));
  if (rules.length === 0) throw new LakewardenError('config.invalid', 'remedy.rules allows no rule to be mended');
  const { signal } = new AbortController();
  const surroundings = { now: Date.now(), ownerOf: ownerBy(settings.site) };
  const how = { rules, surroundings, most: settings.remedy.most, signal };
  const source = openKubernetes(kubernetes);
  const writer = new ObjectWriter(kubernetes);
  try {
    const { repairs, kept } = await planClusterRepairs(source, how);
    const outcomes: RepairOutcome[] = [];
    for (const one of repairs) {
      const outcome = await makeClusterRepair(one, writer, how, dryRun);
      tell(outcome, dryRun);
      outcomes.push(outcome);
    }
    for (const { resource, by } of kept)
      console.log(
        paint('yellow', printable(`${resource.body.kind} ${resource.name}: left, ${by} would bring it back`)),
      );
    const mended = outcomes.filter(({ written }) => written.outcome === 'written').length;
    const left = outcomes.length - mended + kept.length;
    console.log(`${count(mended, 'object')} ${dryRun ? 'would be changed' : 'changed'}, ${left} left`);
    return left > 0 ? scanExit.found : scanExit.clean;
  } finally {
    writer.close();
    await source.close();
  }
}

function tell({ repair: { before, edits, mended }, written }: RepairOutcome, dryRun: boolean): void {
  const { kind, metadata } = before.body;
  const name = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
  if (written.outcome !== 'written') {
    console.log(paint('yellow', printable(`${name}: left, ${written.reason}`)));
    return;
  }
  console.log(paint('green', printable(`${name}: ${dryRun ? 'would pass' : 'changed, passes'}`)));
  for (const { reason, rule } of mended) console.log(printable(`  mends ${rule}: ${reason}`));
  for (const { path, value } of edits)
    console.log(printable(`  ${path.join('.')}: ${value === undefined ? 'removed' : JSON.stringify(value)}`));
}
