import { planBatch } from './apply.ts';
import type { Request } from './doorbell.ts';
import type { Group, Transition } from './group/group.ts';
import { findPlaces } from './places.ts';
import { planSettling } from './plan.ts';
import type { Problem } from './problem.ts';
import { planFiles } from './quarantine/place.ts';
import { positionOf, type RunTools, turnTools, understandingOf } from './run.ts';
import { BatchSource, begunBatch, boundsOf, readRange } from './state/read-batch.ts';
import type { LogPlace } from './state/state-record.ts';

/** What a run would do to a partition; plain data. */
export interface PartitionPreview extends LogPlace {
  /** Offsets, in decimal. */
  readonly from: string;
  readonly letters: number;
  readonly lost: string;
  /** Groups that change, with the letters that each would have afterwards. */
  readonly groups: readonly {
    readonly id: string;
    readonly class: string;
    readonly action: string;
    readonly count: number;
    readonly added: number;
  }[];
  readonly transitions: readonly Transition[];
  /** Files of the quarantine, below its folder. */
  readonly files: readonly string[];
}

/** What a run would do. */
export interface RunPreview {
  readonly partitions: readonly PartitionPreview[];
  readonly problems: readonly Problem[];
  /** Partitions of which not all was looked at, for want of time. */
  readonly left: readonly LogPlace[];
}

/** Works through the partitions of a request as a run does, and changes nothing. */
export async function previewRun(request: Request, tools: RunTools): Promise<RunPreview> {
  const { places, problems } = await findPlaces(request, tools.settings, tools.clients.admin);
  const partitions: PartitionPreview[] = [];
  const left: LogPlace[] = [];
  for (const place of places) {
    if (tools.hasTime?.() === false) {
      left.push(place);
      continue;
    }
    const { preview, isLeft } = await previewPlace(place, tools);
    if (preview.letters + preview.transitions.length > 0) partitions.push(preview);
    if (isLeft) left.push(place);
  }
  return { partitions, problems: [...request.problems, ...problems], left };
}

async function previewPlace(place: LogPlace, tools: RunTools): Promise<{ preview: PartitionPreview; isLeft: boolean }> {
  const { settings, state, signal } = tools;
  const reading = turnTools(tools);
  const { topic, partition } = place;
  const position = await positionOf(place, reading);
  const known = await state.load<Group>(place, signal);
  const groups = new Map(known.groups);
  const { earliest, end } = await boundsOf(place, reading);
  const from = position ?? earliest;
  const understanding = understandingOf(tools);
  const transitions: Transition[] = [];
  const files: string[] = [];
  const changed = new Set<string>();
  let [letters, lost, isLeft] = [0, 0n, false];
  const begun = begunBatch(known.batch, position, { earliest, end });
  const source = new BatchSource(place, end, reading);
  let batch = await (begun === undefined ? source.take(from) : readRange(place, begun, reading));
  while (batch !== undefined) {
    const plan = await planBatch(batch, groups, { settings, understanding, now: tools.now });
    for (const [id, group] of plan.changed) {
      groups.set(id, group);
      changed.add(id);
    }
    transitions.push(...plan.transitions);
    if (settings.quarantine !== undefined)
      files.push(...planFiles(plan.setAside, batch, settings.quarantine.format).map(({ path }) => path));
    letters += batch.letters;
    lost += batch.lost;
    isLeft = !reading.hasTime();
    batch = isLeft ? undefined : await source.take(batch.last + 1n);
  }
  if (!isLeft) {
    const settling = planSettling(groups, settings, tools.now());
    transitions.push(...settling.transitions);
    for (const [id, group] of settling.changed) {
      groups.set(id, group);
      changed.add(id);
    }
  }
  const shown = [...changed].toSorted().map((id) => {
    const { verdict, count } = groups.get(id) as Group;
    return {
      id,
      class: verdict.class,
      action: verdict.action,
      count,
      added: count - (known.groups.get(id)?.count ?? 0),
    };
  });
  const preview = {
    topic,
    partition,
    from: String(from),
    letters,
    lost: String(lost),
    groups: shown,
    transitions,
    files,
  };
  return { preview, isLeft };
}
