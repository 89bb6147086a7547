import { z } from 'zod';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import type { Resource } from '../../model/resource.ts';
import { defineRule } from '../../model/rule.ts';
import type { Judgement } from '../../model/verdict.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { judgeLabel, type LabelFault, requiredLabelSchema } from './judge-label.ts';
import { labelledKinds, labellingSystems } from './labelled-kinds.ts';

const inherited = z.strictObject({
  place: z
    .record(z.string(), z.string())
    .describe('where things live, such as {namespace: "lake-*"} or {account: "123456789012"}'),
  labels: z.record(z.string(), z.string()).describe('labels that they count as having'),
});

const parameters = z.strictObject({
  requiredLabels: z
    .array(requiredLabelSchema)
    .default([{ name: 'owner' }])
    .describe('labels that things must have, with values that say something'),
  inheritedLabels: z.array(inherited).default([]).describe('labels that things have by the place where they live'),
  exceptNames: z
    .array(z.string())
    .default(['default', 'kube-*', 'kubernetes'])
    .describe('names and namespaces that nobody of ours made; * stands for any text'),
});

const words: Readonly<Record<LabelFault, string>> = {
  missing: 'is missing',
  blank: 'is blank',
  placeholder: 'holds a placeholder',
  'written-differently': 'is written differently',
  'not-allowed': 'has a value that is not allowed',
};

/** Things that cost money or hold data have the labels that the site asks for, with values that mean something. */
export const requiredLabels = defineRule<unknown, typeof parameters>({
  id: 'labels-required',
  version: 1,
  title: 'Things say by their labels whose they are',
  why: 'Somebody has to answer when a thing costs too much, leaks or breaks. A label that is blank, misspelt or says "todo" answers nothing.',
  area: 'ownership',
  severity: 'medium',
  kinds: labelledKinds,
  remedy: 'Set the label in the code that makes the thing, so that it is there the next time as well.',
  parameters,
  judge(resource, { parameters: given }) {
    if (isExcepted(resource, given.exceptNames)) return [];
    const { name, labels } = resource;
    if (labels === undefined)
      return labellingSystems.includes(resource.kind.split('.')[0] ?? '')
        ? unknown(`the labels of ${name} could not be read`)
        : [];
    const all = { ...placeLabels(resource, given.inheritedLabels), ...labels };
    const faults = given.requiredLabels.flatMap((wanted): Judgement[] => {
      const found = judgeLabel(wanted, all);
      if (found === undefined) return [];
      const { fault, near } = found;
      const reason = `label ${wanted.name} of ${name} ${words[fault]}${near === undefined ? '' : `: ${near}`}`;
      const value = Object.hasOwn(all, wanted.name) ? all[wanted.name] : undefined;
      const evidence = {
        label: wanted.name,
        fault,
        ...(near !== undefined && { found: near }),
        ...(fault === 'not-allowed' && value !== undefined && { value: value.slice(0, 256) }),
      };
      return [fail(reason, evidence, { part: wanted.name })];
    });
    return faults.length > 0 ? faults : pass(`${name} has the labels that are asked for`);
  },
  examples: [
    { shows: 'an owner', given: { labels: { owner: 'lake-team' } }, status: 'pass' },
    { shows: 'no labels', given: { labels: {} }, status: 'fail' },
    { shows: 'a blank', given: { labels: { owner: ' ' } }, status: 'fail' },
    { shows: 'a placeholder', given: { labels: { owner: 'TODO' } }, status: 'fail' },
    { shows: 'another case', given: { labels: { Owner: 'lake-team' } }, status: 'fail' },
    { shows: 'a label of AWS itself', given: { labels: { 'aws:owner': 'lake-team' } }, status: 'fail' },
    {
      shows: 'a value that is not allowed',
      given: { labels: { stage: 'prd' } },
      parameters: { requiredLabels: [{ name: 'stage', allowed: ['prod', 'test'] }] },
      status: 'fail',
    },
    {
      shows: 'what the namespace gives',
      given: { labels: {}, place: { namespace: 'lake-prod' } },
      parameters: { inheritedLabels: [{ place: { namespace: 'lake-*' }, labels: { owner: 'lake-team' } }] },
      status: 'pass',
    },
    { shows: 'labels that could not be read', given: {}, status: 'unknown' },
  ],
});

function isExcepted({ kind, name, place }: Resource, patterns: readonly string[]): boolean {
  // A default security group is made by AWS; a namespace of the system is made by Kubernetes.
  return patterns.some(
    (pattern) =>
      (place.namespace !== undefined && pattern !== 'default' && fitsPattern(place.namespace, pattern)) ||
      ((kind.endsWith('.Namespace') || kind.endsWith('SecurityGroup') || kind === 'kubernetes.Service') &&
        fitsPattern(name, pattern)),
  );
}

/** Labels by place; of several places that fit, later ones win. */
function placeLabels({ place }: Resource, given: readonly z.output<typeof inherited>[]): Record<string, string> {
  const fitting = given.filter(({ place: wanted }) =>
    Object.entries(wanted).every(
      ([key, pattern]) => Object.hasOwn(place, key) && fitsPattern(place[key] ?? '', pattern),
    ),
  );
  return Object.fromEntries(fitting.flatMap(({ labels }) => Object.entries(labels)));
}
