import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import { deliver } from '#shared/host/deliver.ts';
import type { Call, FunctionDefinition, Outcome } from '#shared/host/function.ts';
import { Announce, compactionEvent, functionName } from './announce.ts';
import { settingsSchema } from './config.ts';
import { readDoorbell, type Request } from './doorbell.ts';
import { createCompactionMetrics } from './metrics.ts';
import { PieceReader } from './piece-reader.ts';
import { isSerious } from './problem.ts';
import { applyRun, findAllCandidates, planRun, type RunOutcome, type RunTools, statusOf } from './run.ts';

/** partition-compaction: makes many small Parquet files one. */
export const partitionCompaction: FunctionDefinition<typeof settingsSchema> = {
  name: functionName,
  settings: settingsSchema,
  async start(settings, { metrics, instance }) {
    const hdfs = createHdfs(settings.hdfs);
    const count = createCompactionMetrics(metrics, hdfs);
    return {
      async handle(call) {
        const request = readDoorbell(call.event, settings);
        const started = Date.now();
        // Half of the time is left for the partition that is under way when the time for new ones is over.
        const halfTime = started + (call.deadline - started) / 2;
        const tools: RunTools = {
          hdfs,
          settings,
          reader: new PieceReader(hdfs),
          owner: instance,
          announce: new Announce((event) => deliver(call, event), instance, settings.hdfs.defaultFs),
          now: new Date(started),
          hasTime: () => Date.now() < halfTime,
          timeLeft: () => call.deadline - Date.now(),
          // A call that was given up must not go on behind the back of the one that repeats it.
          signal: call.signal,
        };
        if (request.dryRun) return { status: 'planned', body: await planRun(request, tools) };
        if (settings.fanOut && request.scope.kind !== 'paths') return fanOut(request, tools, call, instance);
        const outcome = await applyRun(request, tools);
        const summary = summarise(outcome);
        count(summary);
        for (const problem of problemsOf(outcome))
          call.log[isSerious(problem) ? 'error' : 'warn'](problem, problem.message);
        call.log.info({ outcome: summary }, `compaction ${summary.status}`);
        if (outcome.left.length > 0) await resume(outcome.left, instance, call);
        return { status: summary.status, body: { ...summary, problems: problemsOf(outcome).slice(0, shownProblems) } };
      },
      async stop() {
        hdfs.close();
      },
    };
  },
};

const shownProblems = 200;
/** Partitions that one event to ourselves names; what is beyond is found again by the next cron. */
const resumedPartitions = 1_000;

function problemsOf({ problems, partitions }: RunOutcome): RunOutcome['problems'] {
  const all = [...problems, ...partitions.flatMap((partition) => partition.problems)];
  return all.toSorted((a, b) => Number(isSerious(b)) - Number(isSerious(a)));
}

/** The numbers of a run. */
export type Summary = ReturnType<typeof summarise>;

function summarise(outcome: RunOutcome) {
  const works = outcome.partitions.flatMap(({ merges }) => merges);
  const rewrites = outcome.partitions.flatMap((partition) => partition.rewrites);
  const problems = problemsOf(outcome);
  const serious = problems.filter(isSerious).length;
  return {
    status: statusOf(outcome),
    merges: works.length,
    filesRemoved: works.reduce((sum, { merge }) => sum + merge.sources.length, 0),
    leftoversRemoved: outcome.partitions.reduce((sum, { removed }) => sum + removed.length, 0),
    bytesNotMoved: works.reduce((sum, { merge }) => sum + merge.bytes, 0),
    rewrites: rewrites.length,
    rowGroupsRemoved: rewrites.reduce((sum, { work, rowGroups }) => sum + work.rewrite.rowGroups.before - rowGroups, 0),
    bytesRewritten: rewrites.reduce((sum, { work }) => sum + work.rewrite.file.length, 0),
    bytesWritten:
      works.reduce((sum, { tailBytes }) => sum + tailBytes, 0) +
      rewrites.reduce((sum, { written }) => sum + written, 0),
    problems: serious,
    warnings: problems.length - serious,
    left: outcome.left.length,
    calls: outcome.calls,
  };
}

/** Asks for each partition by an event of its own, which any instance may take. A sink that takes none fails the call. */
async function fanOut(request: Request, tools: RunTools, call: Call, instance: string): Promise<Outcome> {
  const { candidates, problems } = await findAllCandidates(request, tools);
  const announce = new Announce(call.emit, instance, tools.settings.hdfs.defaultFs);
  for (const candidate of candidates) {
    call.signal.throwIfAborted();
    await announce.requested(candidate, call.event.id);
  }
  call.log.info({ requested: candidates.length }, 'compaction requested');
  const body = { requested: candidates.length, problems: problems.slice(0, shownProblems) };
  return { status: candidates.length > 0 ? 'done' : 'nothing', body };
}

/** Asks ourselves to go on. A sink that does not take this fails the call, so that its sender repeats it and nothing is left undone. */
async function resume(left: readonly string[], instance: string, call: Call): Promise<void> {
  const data = { paths: left.slice(0, resumedPartitions) };
  const idParts = [call.event.source, call.event.id, JSON.stringify(data)];
  await call.emit(compactionEvent(instance, 'partition-compaction.resumed', data, idParts));
}
