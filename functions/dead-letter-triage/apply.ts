import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Announce } from './announce.ts';
import type { Settings } from './config.ts';
import type { Group, Transition } from './group/group.ts';
import { type BatchPlan, BatchPlanner, planSettling } from './plan.ts';
import { Drafts } from './quarantine/drafts.ts';
import { storeLetters } from './quarantine/store.ts';
import type { Batch } from './state/read-batch.ts';
import type { LogPlace } from './state/state-record.ts';
import type { TurnTools } from './state/turn.ts';
import type { Understanding } from './understand.ts';

/** What performing a plan needs. */
export interface ApplyTools {
  readonly settings: Settings;
  readonly understanding: Understanding;
  readonly announce: Announce;
  readonly hdfs?: WebHdfs | undefined;
  readonly now: () => number;
}

/** What was done to the letters of a partition, so far. */
export interface Tally {
  /** Letters by class. */
  readonly classes: Map<string, number>;
  readonly transitions: Record<Transition['kind'], number>;
  untold: number;
  files: number;
  setAside: number;
  /** The partition's groups when it was left. */
  groups: ReadonlyMap<string, Group>;
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return {
    classes: new Map(),
    transitions: { opened: 0, regressed: 0, grown: 0, burst: 0, resolved: 0 },
    untold: 0,
    files: 0,
    setAside: 0,
    groups: new Map(),
  };
}

/** Understands the letters of a batch, and decides what it does. */
export async function planBatch(
  batch: Batch,
  groups: ReadonlyMap<string, Group>,
  { settings, understanding, now }: Pick<ApplyTools, 'settings' | 'understanding' | 'now'>,
): Promise<BatchPlan> {
  const planner = new BatchPlanner(batch, groups, settings);
  const understand = understanding.begin(groups);
  for (const record of batch.records) {
    const letter = understand(record);
    planner.add(letter instanceof Promise ? await letter : letter);
  }
  return planner.plan(now());
}

/** The work of a turn: understands the letters of each batch, sets them aside, tells what happened, and counts. */
export function createWork(
  place: LogPlace,
  tools: ApplyTools,
  tally: Tally,
): Pick<TurnTools<Group>, 'work' | 'settle'> {
  const { settings, announce, hdfs, now } = tools;
  const drafts = hdfs && new Drafts(hdfs, now);
  const tell = async ({ changed, transitions }: Pick<BatchPlan, 'changed' | 'transitions'>): Promise<void> => {
    for (const transition of transitions) {
      await announce.changed(place, changed.get(transition.group) as Group, transition);
      tally.transitions[transition.kind] += 1;
    }
  };
  return {
    async work(batch: Batch, groups) {
      const plan = await planBatch(batch, groups, tools);
      if (settings.quarantine !== undefined && hdfs !== undefined && drafts !== undefined) {
        const files = await storeLetters(plan.setAside, batch, settings.quarantine, hdfs, drafts);
        await announce.stored(files.map(({ path }) => path));
        tally.files += files.length;
        tally.setAside += plan.setAside.length;
      }
      if (batch.lost > 0n) await announce.lost(place, batch, batch.lost);
      await tell(plan);
      tally.untold += plan.untold;
      for (const [name, count] of plan.classes) tally.classes.set(name, (tally.classes.get(name) ?? 0) + count);
      return plan.changed;
    },
    async settle(groups) {
      const plan = planSettling(groups, settings, now());
      await tell(plan);
      tally.groups = new Map([...groups, ...plan.changed]);
      return plan.changed;
    },
  };
}
