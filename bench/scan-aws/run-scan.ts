import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { openAws } from '#functions/compliance-scan/inventory/aws/open-aws.ts';
import { awsSettings } from '#functions/compliance-scan/inventory/aws/settings.ts';
import { awsRules } from '#functions/compliance-scan/rules/aws/aws-rules.ts';
import { labelRules } from '#functions/compliance-scan/rules/labels/label-rules.ts';
import { networkRules } from '#functions/compliance-scan/rules/network/network-rules.ts';

/** Scans the AWS at an address by all rules of AWS, and prints what was found and what this process took. */
async function scan(endpoint: string): Promise<void> {
  const account = { id: '123456789012', regions: ['eu-central-1'] };
  const source = openAws(awsSettings.parse({ accounts: [account], endpoint, deadlineSeconds: 300 }));
  const rules = [...networkRules, ...awsRules, ...labelRules];
  const active = rules.map((rule) => ({ rule, parameters: rule.parameters?.parse({}) ?? {}, severity: rule.severity }));
  const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
  const { signal } = new AbortController();
  const open = new Set<string>();
  const unowned: Record<string, number> = {};
  const take = ({ rule, part, status, exposure, resource }: ReturnType<typeof evaluation.add>[number]): void => {
    if (rule === 'network-no-open-admin-ports' && part === 'ssh' && exposure === 'world')
      open.add(resource.place.id ?? '');
    if (rule === 'labels-required' && status === 'fail') unowned[resource.kind] = (unowned[resource.kind] ?? 0) + 1;
  };
  for await (const scope of source.scopes(evaluation.kinds, signal))
    for await (const page of source.list(scope, signal))
      for (const resource of page) for (const verdict of evaluation.add(resource)) take(verdict);
  for (const verdict of evaluation.finish()) take(verdict);
  await source.close();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const took = { cpu: (userCPUTime + systemCPUTime) / 1_000, memory: maxRSS / 1_024 };
  console.log(JSON.stringify({ open: [...open], unowned, ...took }));
}

await scan(process.argv[2] ?? '');
