import pLimit from 'p-limit';
import type { ActiveRule } from '#functions/compliance-scan/evaluate.ts';
import type { Rule } from '#functions/compliance-scan/model/rule.ts';
import { waiverRules } from '#functions/compliance-scan/rules/waivers/waiver-rules.ts';
import { RuleCounts } from '#functions/compliance-scan/scan/counts.ts';
import type { ScopeOutcome } from '#functions/compliance-scan/scan/scan-batch.ts';
import { sweep, type SweepOutcome, type SweepRequest, type SweepTools } from '#functions/compliance-scan/scan/sweep.ts';
import type { Transition } from '#functions/compliance-scan/state/finding.ts';
import { MemoryStore, type StateStore } from '#functions/compliance-scan/state/store.ts';
import type { Waiver } from '#functions/compliance-scan/waivers/waiver.ts';
import { Waivers } from '#functions/compliance-scan/waivers/waivers.ts';
import { MemorySource } from './memory-source.ts';
import { fencedRule, ownedRule } from './scan-rules.ts';

/** A scan of a system in memory, with a clock of its own that goes on by an hour at each sweep. */
export class ScanBench {
  readonly source = new MemorySource();
  store: StateStore = new MemoryStore();
  rules: readonly Rule[] = [ownedRule, fencedRule, ...waiverRules];
  waivers: readonly Waiver[] = [];
  /** Milliseconds since 1970. */
  now = Date.UTC(2026, 10, 1);
  hasTime = (): boolean => true;
  listingMs = 10_000;
  /** What was told, in the order of telling. */
  readonly told: Transition[] = [];
  /** Called before anything is told. */
  beforeTelling: (() => Promise<void>) | undefined;
  scopes: ScopeOutcome[] = [];

  tools(more: Partial<SweepTools> = {}): SweepTools {
    const { now, store } = this;
    const rules: ActiveRule[] = this.rules.map((rule) => ({
      rule,
      severity: rule.severity,
      parameters: rule.parameters?.parse({}),
    }));
    const waivers = new Waivers(this.waivers, now);
    return {
      sources: [this.source],
      rules,
      store,
      waivers,
      surroundings: { now, ownerOf: ({ labels }) => labels?.['team'], keptLabels: waivers.labels },
      counts: new RuleCounts(),
      limits: { listingMs: this.listingMs },
      atOnce: pLimit(2),
      context: {
        now,
        ruleVersions: new Map(rules.map(({ rule }) => [rule.id, rule.version])),
        waiverOf: (finding) => waivers.waiverOf(finding),
        keepResolvedMs: 1_000 * 3_600_000,
      },
      hasTime: this.hasTime,
      signal: new AbortController().signal,
      tell: async (transitions) => {
        await this.beforeTelling?.();
        this.told.push(...transitions);
      },
      onScope: (outcome) => void this.scopes.push(outcome),
      ...more,
    };
  }

  /** Sweeps, and answers what was told, in words. */
  async sweep(request: SweepRequest = {}): Promise<{ told: string[]; outcome: SweepOutcome }> {
    this.now += 3_600_000;
    this.told.length = 0;
    this.scopes = [];
    const outcome = await sweep(request, this.tools());
    return { told: this.words(), outcome };
  }

  words(): string[] {
    return this.told.map(({ kind, finding: { rule, resource } }) => `${kind} ${rule} ${resource.name}`).toSorted();
  }
}
