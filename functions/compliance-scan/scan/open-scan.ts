import pLimit from 'p-limit';
import { LakewardenError } from '#shared/errors/error.ts';
import type { Settings } from '../config.ts';
import type { ActiveRule } from '../evaluate.ts';
import { openSources } from '../inventory/open-sources.ts';
import type { Source } from '../inventory/source.ts';
import type { Scope } from '../model/resource.ts';
import type { Problem } from '../problem.ts';
import { rulesInUse } from '../rules/rules-in-use.ts';
import { ownerBy } from '../site.ts';
import { openStore } from '../state/open-store.ts';
import type { ApplyTools } from '../apply.ts';
import type { StateStore } from '../state/store.ts';
import { readWaivers } from '../waivers/read-waivers.ts';
import { Waivers } from '../waivers/waivers.ts';
import { RuleCounts } from './counts.ts';
import type { ScopeOutcome } from './scan-batch.ts';
import type { SweepTools } from './sweep.ts';

/** What lives as long as the process. */
export interface OpenScan {
  readonly settings: Settings;
  readonly sources: readonly Source[];
  readonly rules: readonly ActiveRule[];
  readonly store: StateStore;
  close(): Promise<void>;
}

/** Opens what the settings name; `others` are systems besides. @throws config.invalid that names every fault */
export async function openScan(settings: Settings, others: readonly Source[] = []): Promise<OpenScan> {
  const rules = await rulesInUse(settings);
  const store = await openStore(settings);
  const sources = [...(await openSources(settings.sources)), ...others];
  // Nothing would be found, and that would look like good news.
  if (sources.length === 0) throw new LakewardenError('config.invalid', 'sources: name at least one system to look at');
  return {
    settings,
    rules,
    store,
    sources,
    async close() {
      await Promise.allSettled([...sources.map((source) => source.close()), store.close()]);
    },
  };
}

/** What one run brings. */
export interface RunOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly hasTime?: () => boolean;
  /** Most that is left for one listing, in milliseconds. */
  readonly longestMs?: number;
  /** Undefined in a dry run. */
  readonly tell?: ApplyTools['tell'];
  readonly onPage?: (scope: Scope, resources: number) => void;
  readonly onScope?: (outcome: ScopeOutcome) => void;
}

/** The tools of a run; waivers are read anew, since they are files that change. @throws config.invalid */
export async function prepareRun(
  { settings, sources, rules, store }: OpenScan,
  { now, signal, hasTime = () => true, longestMs = Infinity, tell, onPage, onScope }: RunOptions,
): Promise<{ tools: SweepTools; problems: readonly Problem[] }> {
  const { folder, maxDays } = settings.waivers;
  const read = folder === undefined ? { waivers: [], problems: [] } : await readWaivers(folder, { now, maxDays });
  const waivers = new Waivers(read.waivers, now);
  const tools: SweepTools = {
    sources,
    rules,
    store,
    waivers,
    surroundings: { now, ownerOf: ownerBy(settings.site), keptLabels: waivers.labels },
    counts: new RuleCounts(),
    limits: { listingMs: Math.min(settings.limits.listingSeconds * 1_000, longestMs) },
    atOnce: pLimit(settings.limits.listingsAtOnce),
    context: {
      now,
      ruleVersions: new Map(rules.map(({ rule }) => [rule.id, rule.version])),
      waiverOf: (finding) => waivers.waiverOf(finding),
      keepResolvedMs: settings.state.keepResolvedDays * 86_400_000,
    },
    hasTime,
    tell,
    signal,
    onPage,
    onScope,
  };
  return { tools, problems: read.problems };
}
