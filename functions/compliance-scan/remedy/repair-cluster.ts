import { LakewardenError } from '#shared/errors/error.ts';
import type { ActiveRule, Surroundings } from '../evaluate.ts';
import type { KubernetesObject } from '../inventory/kubernetes/kinds.ts';
import type { Source } from '../inventory/source.ts';
import { labelOf, type Resource } from '../model/resource.ts';
import type { Verdict } from '../model/verdict.ts';
import type { ObjectWriter, Written } from './object-writer.ts';
import { type Repair, repairResource } from './repair.ts';

/** What was found that could be mended directly. */
export interface ClusterPlan {
  readonly repairs: readonly Repair<KubernetesObject>[];
  /** Objects that others keep as they are: what is changed there would be changed back. */
  readonly kept: readonly { readonly resource: Resource<KubernetesObject>; readonly by: string }[];
}

/** What came of one repair. */
export interface RepairOutcome {
  readonly repair: Repair<KubernetesObject>;
  readonly written: Written;
  /** What still fails on the object as the API server has it. */
  readonly left: readonly Verdict[];
}

/** The rules that may be mended directly, and how far. */
export interface ClusterRepairOptions {
  readonly rules: readonly ActiveRule[];
  readonly surroundings: Surroundings;
  /** Objects that one run may change. */
  readonly most: number;
  readonly signal: AbortSignal;
}

/**
 * Looks for what these rules would mend in a cluster. @throws limit.exceeded when there is more than one run may change, and
 * whatever a listing throws: a cluster that was seen in part is not mended
 */
export async function planClusterRepairs(
  source: Source,
  { rules, surroundings, most, signal }: ClusterRepairOptions,
): Promise<ClusterPlan> {
  const repairable = rules.filter(({ rule }) => rule.repair !== undefined);
  const kinds = new Set(repairable.flatMap(({ rule }) => rule.kinds));
  const repairs: Repair<KubernetesObject>[] = [];
  const kept: { resource: Resource<KubernetesObject>; by: string }[] = [];
  for await (const scope of source.scopes(kinds, signal))
    for await (const page of source.list(scope, signal))
      for (const resource of page as Resource<KubernetesObject>[]) {
        const repair = repairResource(resource, repairable, surroundings);
        if (repair.edits.length === 0) continue;
        const by = keeperOf(resource);
        if (by === undefined) repairs.push(repair);
        else kept.push({ resource, by });
      }
  if (repairs.length > most)
    throw new LakewardenError(
      'limit.exceeded',
      `${repairs.length} objects would be changed, ${most} are the most for one run: name fewer rules, or raise remedy.most`,
    );
  return { repairs, kept };
}

/** Makes one repair; each is tried by the API server first, with all that it adds and refuses, and judged as it would be. */
export async function makeClusterRepair(
  repair: Repair<KubernetesObject>,
  writer: ObjectWriter,
  { rules, surroundings, signal }: Omit<ClusterRepairOptions, 'most'>,
  dryRun: boolean,
): Promise<RepairOutcome> {
  const tried = await writer.change(repair.before, repair.edits, { dryRun: true, signal });
  if (tried.outcome !== 'written') return { repair, written: tried, left: repair.mended };
  const left = leftOf(tried.after);
  if (dryRun || left.length > 0) {
    const reason = 'the API server would not have it as the rules want it';
    return { repair, written: left.length > 0 ? { outcome: 'refused', reason } : tried, left };
  }
  const written = await writer.change(repair.before, repair.edits, { dryRun: false, signal });
  return { repair, written, left: written.outcome === 'written' ? leftOf(written.after) : repair.mended };

  function leftOf(after: Resource<KubernetesObject>): readonly Verdict[] {
    const ids = new Set(repair.mended.map(({ rule }) => rule));
    const mendedBy = rules.filter(({ rule }) => ids.has(rule.id));
    const again = repairResource(after, mendedBy, surroundings);
    return [...again.mended, ...again.left];
  }
}

/** Labels and annotations by which tools mark what they bring out of version control. */
const keepers = {
  'argocd.argoproj.io/instance': 'Argo CD',
  'argocd.argoproj.io/tracking-id': 'Argo CD',
  'kustomize.toolkit.fluxcd.io/name': 'Flux',
  'helm.toolkit.fluxcd.io/name': 'Flux',
  'meta.helm.sh/release-name': 'Helm',
} as const;

function keeperOf(resource: Resource<KubernetesObject>): string | undefined {
  const { annotations = {}, ownerReferences = [] } = resource.body.metadata;
  const owner = ownerReferences.find(({ controller }) => controller === true);
  if (owner !== undefined) return `${owner.kind} ${owner.name}`;
  const marked = Object.entries(keepers).find(
    ([mark]) => labelOf(resource, mark) !== undefined || Object.hasOwn(annotations, mark),
  );
  return marked?.[1];
}
