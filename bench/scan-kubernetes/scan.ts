import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { openKubernetes } from '#functions/compliance-scan/inventory/kubernetes/open-kubernetes.ts';
import { kubernetesSettings } from '#functions/compliance-scan/inventory/kubernetes/settings.ts';
import { kubernetesRules } from '#functions/compliance-scan/rules/kubernetes/kubernetes-rules.ts';
import { usageOf } from '../measure.ts';

// Lists all that rules about Kubernetes need from the cluster that it is given, judges it by all of them, and prints what that took.

const settings = kubernetesSettings.parse({ server: process.argv[2] });
const source = openKubernetes(settings);
const active = kubernetesRules.map((rule) => ({
  rule,
  parameters: rule.parameters?.parse({}) ?? {},
  severity: rule.severity,
}));
const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
const signal = new AbortController().signal;
const began = performance.now();
let [objects, verdicts] = [0, 0];
for await (const scope of source.scopes(evaluation.kinds, signal))
  for await (const page of source.list(scope, signal)) {
    objects += page.length;
    for (const resource of page) verdicts += evaluation.add(resource).length;
  }
for (const _ of evaluation.finish()) verdicts += 1;
const time = performance.now() - began;
await source.close();
const { cpu, memory } = usageOf(process.pid);
console.log(JSON.stringify({ objects, verdicts, time, cpu, memory }));
