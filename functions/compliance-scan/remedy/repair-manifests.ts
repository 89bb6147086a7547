import { createTwoFilesPatch } from 'diff';
import type { ActiveRule, Surroundings } from '../evaluate.ts';
import { normaliseObject } from '../inventory/kubernetes/normalise.ts';
import { readDocuments } from '../inventory/manifests/documents.ts';
import type { Verdict } from '../model/verdict.ts';
import { editManifest } from './edit-manifest.ts';
import { repairResource } from './repair.ts';

/** What can be mended in a file of manifests. */
export interface ManifestRepair {
  /** Relative to the folder. */
  readonly path: string;
  /** The file as it should be. */
  readonly text: string;
  /** For `git apply` in the folder. */
  readonly patch: string;
  /** What failed and passes then. */
  readonly mended: readonly Verdict[];
  /** What fails all the same: people must decide. */
  readonly left: readonly Verdict[];
  /** Objects that could be mended, though not by changing single lines: somebody has to do it. */
  readonly byHand: readonly string[];
}

/**
 * Mends the objects of a file one after the other; every repair is judged on the changed object before it counts. Pure.
 * @throws Error for a file that is no YAML
 */
export function repairManifests(
  path: string,
  text: string,
  rules: readonly ActiveRule[],
  surroundings: Surroundings,
): ManifestRepair {
  const [mended, left, byHand]: [Verdict[], Verdict[], string[]] = [[], [], []];
  let changed = text;
  for (const { object } of readDocuments(text)) {
    const resource = normaliseObject(object, { cluster: path, scope: path });
    if (resource === undefined) continue;
    const repair = repairResource(resource, rules, surroundings);
    const { apiVersion, kind, metadata } = resource.body;
    const named = {
      apiVersion,
      kind,
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    };
    const then = repair.edits.length === 0 ? changed : editManifest(changed, named, repair.edits);
    if (then === undefined) {
      byHand.push(`${kind} ${metadata.name}`);
      left.push(...repair.mended, ...repair.left);
      continue;
    }
    changed = then;
    mended.push(...repair.mended);
    left.push(...repair.left);
  }
  return { path, text: changed, patch: patchOf(path, text, changed), mended, left, byHand };
}

function patchOf(path: string, before: string, after: string): string {
  if (before === after) return '';
  // Git wants no line of signs, and its own beginning.
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, '', '', { context: 3 });
  return `diff --git a/${path} b/${path}\n${patch.replace(/^=+\n/, '').replaceAll(/^(--- .*|\+\+\+ .*)\t$/gm, '$1')}`;
}
