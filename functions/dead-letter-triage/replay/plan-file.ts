import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';
import { KeyTable } from './key-table.ts';
import { LedgerView } from './ledger-view.ts';
import { planId, readReplay } from './plan-schema.ts';
import { type Summary, SummaryDraft } from './summary.ts';
import { decideLetters, findRanges, type FixedReplay, type Outdated } from './survey.ts';
import type { ReplayTools } from './replay-tools.ts';

const offset = z.string().regex(/^\d{1,18}$/);

const planSchema = z.object({
  plan: z.string().regex(/^[0-9a-f]{16}$/),
  at: z.int().min(0),
  /** The replay as it was written. */
  source: z.string().max(1_000_000),
  ranges: z.array(z.strictObject({ partition: z.int().min(0), first: offset, last: offset })),
  summary: z.looseObject({ digest: z.string() }),
});

/** A plan as it is printed, reviewed and applied. */
export interface PrintedPlan {
  readonly plan: string;
  readonly at: number;
  readonly source: string;
  readonly ranges: readonly { readonly partition: number; readonly first: string; readonly last: string }[];
  readonly summary: Summary;
  readonly warnings: readonly string[];
}

/** Reads a printed plan. @throws config.invalid when it is none, or was edited: an edited replay is planned anew */
export function readPlan(
  text: string,
  file: string,
  code: 'config.invalid' | 'event.invalid' = 'config.invalid',
): FixedReplay & { readonly digest: string } {
  const fail = (reason: string): never => {
    throw new LakewardenError(code, `${file} is not a plan from replay plan --json: ${reason}`, {
      details: { file },
    });
  };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return fail('it is not JSON');
  }
  const { success, data, error } = planSchema.safeParse(content);
  if (!success) return fail(z.prettifyError(error).replaceAll('\n', ' '));
  const replay = readReplay(data.source, file, code);
  const ranges = data.ranges.map(({ partition, first, last }) => ({
    partition,
    first: BigInt(first),
    last: BigInt(last),
  }));
  if (planId(replay, ranges) !== data.plan) return fail('it was edited after it was made; plan again');
  return { replay, id: data.plan, at: data.at, ranges, digest: data.summary.digest };
}

/** Fixes a replay to the letters that are there now, and tells exactly what applying it would do. Writes nothing. */
export async function planReplay(source: string, file: string, tools: ReplayTools): Promise<PrintedPlan> {
  const replay = readReplay(source, file);
  const ranges = await findRanges(replay, tools);
  const plan: FixedReplay = { replay, id: planId(replay, ranges), at: tools.now(), ranges };
  const { summary, warnings } = await surveyReplay(plan, tools);
  return {
    plan: plan.id,
    at: plan.at,
    source,
    ranges: ranges.map(({ partition, first, last }) => ({ partition, first: String(first), last: String(last) })),
    summary,
    warnings,
  };
}

/** What a plan would do. */
export interface Survey {
  readonly summary: Summary;
  readonly warnings: readonly string[];
  /** What was found out about newer data on the way. */
  readonly outdated: Outdated;
  /** What it rests on. */
  readonly ledger: LedgerView;
}

/** What a plan would do, decided anew. */
export async function surveyReplay(plan: FixedReplay, tools: ReplayTools): Promise<Survey> {
  const outdated: Outdated = { letters: new KeyTable(), unknown: 0 };
  const ledger = await tools.ledger.read(new LedgerView(plan.id), tools.signal);
  const draft = new SummaryDraft(plan.replay.timestamps === 'keep');
  let late = 0;
  for await (const decided of decideLetters(plan, ledger, outdated, tools)) {
    draft.addRead(decided);
    late += decided.late;
    for (const decision of decided.decisions) draft.add(decision);
  }
  const summary = draft.finish();
  return { summary, warnings: warn(plan, summary, outdated, late), outdated, ledger };
}

function warn({ replay }: FixedReplay, summary: Summary, outdated: Outdated, late: number): string[] {
  const warnings: string[] = [];
  const replaced = summary.targets.reduce((sum, { timesReplaced }) => sum + timesReplaced, 0);
  if (outdated.letters.size > 0)
    warnings.push(
      `${outdated.letters.size} letters are older than other records of their key in the topic they came from: ` +
        (replay.newerData === 'hold' ? 'they are held' : 'replaying them puts old data over new'),
    );
  if (outdated.unknown > 0)
    warnings.push(`of ${outdated.unknown} letters it is unknown whether their key has newer records`);
  if (replaced > 0)
    warnings.push(`${replaced} records get the time of writing, since their topics would soon delete or refuse them`);
  if (summary.headersLost > 0)
    warnings.push(`${summary.headersLost} records are written without the headers that they had: nobody kept them`);
  if (late > 0) warnings.push(`${late} letters come after later ones of their partition: make the window larger`);
  if (summary.lost > 0) warnings.push(`${summary.lost} offsets of the range were deleted before anybody looked`);
  if (summary.replayed > 0)
    warnings.push('consumers that do not read committed records only may see records of transactions that failed');
  return warnings;
}
