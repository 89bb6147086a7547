import { z } from 'zod';
import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import { defineRule, type Edit, type Rule, type RuleDefinition } from '../../model/rule.ts';
import { severities, type Json, type Judgement, type Severity } from '../../model/verdict.ts';
import { matchesAny } from './pattern.ts';
import { nameResource } from './name-resource.ts';
import { podKinds, podOf, podPath, type Pod, type PodContainer } from './pod.ts';

/** Something wrong with a pod. */
export interface Flaw {
  /** Goes on from the pod's name: `container "x" is privileged`. */
  readonly says: string;
  readonly severity?: Severity;
}

/** Parameters of every rule about pods. */
export const podParameters = z.strictObject({
  systemNamespaces: z
    .array(z.string())
    .default(['kube-system', 'kube-public', 'kube-node-lease'])
    .describe('namespaces of the cluster itself, whose findings are told as information'),
});

type Given<Parameters extends z.ZodType> = Omit<
  RuleDefinition<KubernetesObject, Parameters>,
  'kinds' | 'judge' | 'area' | 'version' | 'parameters'
> & {
  readonly version?: number;
  readonly area?: RuleDefinition<KubernetesObject, Parameters>['area'];
  readonly parameters?: Parameters;
  /** What a pod without flaws is said to be: `no container is privileged`. */
  readonly fine: string;
  /** What is wrong with one container. */
  readonly container?: (
    container: PodContainer,
    pod: Pod,
    parameters: z.output<Parameters>,
  ) => Flaw | string | undefined;
  /** Fields of a container that are set, or with undefined removed, where it has a flaw: `securityContext.privileged`. */
  readonly repairs?: Readonly<Record<string, Json | undefined>>;
  /** The same for the specification of the pod. */
  readonly podRepairs?: Readonly<Record<string, Json | undefined>>;
  /** What is wrong with the pod as a whole. */
  readonly pod?: (pod: Pod, parameters: z.output<Parameters>) => readonly (Flaw | string)[];
};

/** A rule about pods, wherever they are written: in workloads, in bare pods, and in what was added to running ones. */
export function definePodRule<Parameters extends typeof podParameters = typeof podParameters>(
  given: Given<Parameters>,
): Rule {
  const { fine, container, pod: whole, repairs, podRepairs, parameters = podParameters as Parameters, ...rest } = given;
  return defineRule<KubernetesObject, Parameters>({
    version: 1,
    area: 'workload',
    ...rest,
    parameters,
    kinds: podKinds,
    judge(resource, look) {
      const pod = podOf(resource);
      if (pod === undefined || (pod.addedOnly && pod.containers.length === 0)) return [];
      const flaws = [...(whole?.(pod, look.parameters) ?? [])].map(asFlaw);
      for (const each of pod.containers) {
        const flaw = container?.(each, pod, look.parameters);
        if (flaw !== undefined) flaws.push(asFlaw(flaw));
      }
      const { systemNamespaces } = look.parameters as z.output<typeof podParameters>;
      return judgeFlaws(resource, flaws, fine, rest.severity, systemNamespaces);
    },
    ...(repairs === undefined && podRepairs === undefined
      ? {}
      : {
          repair(resource, look) {
            const pod = podOf(resource);
            // What runs cannot be changed so; the manifest of its owner can.
            if (pod === undefined || pod.addedOnly) return [];
            const flawed = pod.containers.filter((each) => container?.(each, pod, look.parameters) !== undefined);
            return [
              ...editsAt(podPath(resource.kind), podRepairs),
              ...flawed.flatMap((each) => editsAt([...podPath(resource.kind), ...pathOf(each, pod)], repairs)),
            ];
          },
        }),
  });
}

function editsAt(path: Edit['path'], fields: Readonly<Record<string, Json | undefined>> = {}): Edit[] {
  return Object.entries(fields).map(([field, value]) => ({
    path: [...path, ...field.split('.')],
    ...(value === undefined ? {} : { value }),
  }));
}

function pathOf({ role, name }: PodContainer, { spec }: Pod): Edit['path'] {
  const list = role === 'container' ? 'containers' : 'initContainers';
  return [list, (spec[list] ?? []).findIndex((one) => one.name === name)];
}

function asFlaw(flaw: Flaw | string): Flaw {
  return typeof flaw === 'string' ? { says: flaw } : flaw;
}

function judgeFlaws(
  resource: Resource,
  flaws: readonly Flaw[],
  fine: string,
  usual: Severity,
  system: readonly string[],
): Judgement {
  const name = nameResource(resource);
  const [first, ...more] = flaws;
  if (first === undefined) return { status: 'pass', reason: `${name}: ${fine}` };
  const worst = severities.find((severity) => flaws.some((flaw) => (flaw.severity ?? usual) === severity)) ?? usual;
  const severity = matchesAny(resource.place['namespace'] ?? '', system) ? 'info' : worst;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  return {
    status: 'fail',
    severity,
    reason: `${name}: ${first.says}${others}`,
    evidence: { flaws: flaws.map(({ says }) => says) },
  };
}
