import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { deliver } from '#shared/host/deliver.ts';
import type { Call, FunctionDefinition, Outcome } from '#shared/host/function.ts';
import { parentPath } from '#shared/hdfs/path.ts';
import type { LineageOutcome } from '#shared/lineage/client.ts';
import { Announce, functionName, syncEvent } from './announce.ts';
import { createClients } from './clients.ts';
import { createCompletenessMetrics } from './completeness/completeness-metrics.ts';
import { type Settings, settingsSchema } from './config.ts';
import { readDoorbell, type Request, type Scope } from './doorbell.ts';
import { type Lineage, openLineage } from './lineage.ts';
import { countLineage, countNotifications, countWaiting, createSyncMetrics } from './metrics.ts';
import { tellOrKeep } from './outbox/keep-events.ts';
import { Outbox } from './outbox/outbox.ts';
import { verifyEvent } from './outbox/verify-event.ts';
import { hasChanges } from './plan.ts';
import { isSerious } from './problem.ts';
import { watch } from './notifications/watch.ts';
import { applyRun, planRun, type RunOutcome, statusOf, topicTurns } from './run.ts';

/** metastore-sync: finds new data, evolves tables safely, registers partitions. */
export const metastoreSync: FunctionDefinition<typeof settingsSchema> = {
  name: functionName,
  settings: settingsSchema,
  async start(settings, { log, metrics, instance }) {
    const clients = createClients(settings);
    const noteProgress = createCompletenessMetrics(metrics.registry);
    const countRead = settings.notifications === undefined ? undefined : countNotifications(metrics.registry);
    const countTold = settings.lineage === undefined ? undefined : countLineage(metrics.registry);
    const turns = topicTurns({ mostWaiting: settings.maxWaitingPaths, longestPauseMs: 5_000 });
    const count = createSyncMetrics(metrics, clients, turns);
    const outbox = new Outbox({
      ...settings.outbox,
      hdfs: clients.hdfs,
      verify: (event) => verifyEvent(event, clients.metastore),
      log,
    });
    countWaiting(metrics.registry, outbox);
    return {
      async handle(call) {
        const request = readDoorbell(call.event, settings);
        const started = Date.now();
        // Half of the time is left for the topic that is under way when the time for new ones is over.
        const halfTime = started + (call.deadline - started) / 2;
        const hasTime = (): boolean => Date.now() < halfTime;
        if (request.errand !== undefined) {
          const { emit, signal } = call;
          return await watch(request, { clients, settings, instance, emit, signal, hasTime, countRead }, call);
        }
        const lineage = openLineage(settings);
        const tellUntil = (signal: AbortSignal): ((event: CloudEventOut) => Promise<void>) => {
          const tell = tellOrKeep(call, signal, outbox);
          return async (event) => {
            lineage?.tell(event);
            await tell(event);
          };
        };
        const announceUntil = (signal: AbortSignal): Announce =>
          new Announce(tellUntil(signal), instance, settings.hdfs.defaultFs);
        const tools = {
          clients,
          settings,
          announce: announceUntil(call.signal),
          announceUntil,
          outbox,
          turns,
          now: new Date(started),
          hasTime,
          // A call that was given up must not go on behind the back of the one that repeats it.
          signal: call.signal,
        };
        if (request.dryRun) return answerPlan(await planRun(request, tools), call);
        await outbox.makeRoom((event) => deliver(call, event));
        let outcome: RunOutcome;
        try {
          outcome = await applyRun(request, tools);
        } finally {
          countTold?.(await settle(lineage, call));
        }
        const summary = summarise(outcome, call, Date.now() - started);
        // Of a look that several events shared, the first of them tells.
        const tables = outcome.tables.filter((table) => table.shared === undefined);
        const problems = [...outcome.problems, ...tables.flatMap((table) => table.problems)];
        for (const problem of problems) call.log[isSerious(problem) ? 'error' : 'warn'](problem, problem.message);
        for (const { topic, progress } of tables) if (progress !== undefined) noteProgress(topic, progress);
        if (tables.length > 0 || outcome.tables.length === 0) {
          const told = summarise({ ...outcome, tables }, call, Date.now() - started);
          const idParts = [call.event.source, call.event.id, JSON.stringify(tables)];
          count(told);
          call.log.info({ outcome: told }, `sync ${told.status}`);
          await tellUntil(call.signal)(syncEvent(instance, 'sync.completed', told, idParts));
        }
        await outbox.tell((event) => deliver(call, event));
        if (outcome.left.length > 0) await resume(request, outcome.left, settings, instance, call);
        if (request.scope.kind === 'paths') requireAvailable(outcome, request.scope.paths);
        return { status: summary.status, body: answer(outcome, summary) };
      },
      async stop() {
        await clients.metastore.close();
        clients.hdfs.close();
      },
    };
  },
};

/** A dry run's answer; the log tells its size, since a PingSource reads no answer. */
function answerPlan(plan: Awaited<ReturnType<typeof planRun>>, { log }: Call): Outcome {
  const { tables, problems, left, calls } = plan;
  const changes = tables.filter(hasChanges).map(({ database, table }) => `${database}.${table}`);
  const serious = [...problems, ...tables.flatMap((table) => table.problems)].filter(isSerious).length;
  log.info({ plan: { tables: tables.length, changes, problems: serious, left, calls } }, 'sync planned');
  return { status: 'planned', body: plan };
}

/** The numbers of a run, as in `sync.completed`. */
export type Summary = ReturnType<typeof summarise>;

const shownProblems = 200;

function summarise(outcome: RunOutcome, call: Call, milliseconds: number) {
  const { tables, left, calls } = outcome;
  const problems = [...outcome.problems, ...tables.flatMap((table) => table.problems)];
  const total = (measure: (table: (typeof tables)[number]) => number): number =>
    tables.reduce((sum, table) => sum + measure(table), 0);
  const serious = problems.filter(isSerious).length;
  return {
    status: statusOf(outcome),
    tables: tables.length,
    created: total((table) => Number(table.created)),
    evolved: total((table) => Number(table.evolved > 0)),
    added: total((table) => table.added),
    changed: total((table) => table.changed),
    dropped: total((table) => table.dropped),
    statistics: total((table) => table.statistics),
    problems: serious,
    warnings: problems.length - serious,
    left,
    calls,
    topics: tables.map(({ topic, way, calls: own, requests }) => ({ topic, way, calls: own, requests })),
    seconds: milliseconds / 1_000,
    trigger: { type: call.event.type, source: call.event.source, id: call.event.id },
  };
}

/** The answer to the caller: the numbers, the tables, and the problems up to a bounded number. */
function answer({ tables, problems }: RunOutcome, summary: Summary): Outcome['body'] {
  const all = [...problems, ...tables.flatMap((table) => table.problems)];
  return {
    ...summary,
    tables: tables.map(({ problems: own, ...table }) => ({ ...table, problems: own.length })),
    problems: all.toSorted((a, b) => Number(isSerious(b)) - Number(isSerious(a))).slice(0, shownProblems),
  };
}

/** Waits a bounded time for the lineage of a run; what was not taken is told in the log. */
async function settle(lineage: Lineage | undefined, { log, signal }: Call): Promise<LineageOutcome> {
  const outcome = (await lineage?.settle(signal)) ?? { delivered: 0, lost: 0 };
  if (outcome.lost > 0)
    log.warn({ err: outcome.reason }, `${outcome.lost} lineage events were not taken, ${outcome.delivered} were`);
  return outcome;
}

/** Asks ourselves to go on. A sink that does not take this fails the call, so that its sender repeats it and nothing is left undone. */
async function resume(
  request: Request,
  left: readonly string[],
  settings: Settings,
  instance: string,
  call: Call,
): Promise<void> {
  const data = rest(request.scope, left, settings);
  await call.emit(
    syncEvent(instance, 'metastore-sync.resumed', data, [call.event.source, call.event.id, JSON.stringify(data)]),
  );
}

/** A tick is followed by another one, but nobody else asks for the paths of an event once more. */
function requireAvailable({ tables }: RunOutcome, paths: readonly string[]): void {
  // Others asked for other partitions in the same look.
  const isAsked = (file = ''): boolean =>
    paths.some((path) => file.startsWith(`${path}/`) || parentPath(file) === parentPath(path));
  const unavailable = tables
    .flatMap(({ problems }) => problems)
    .find(({ code, path }) => code === 'file.unavailable' && isAsked(path));
  if (unavailable !== undefined) throw new LakewardenError('hdfs.unavailable', unavailable.message);
}

function rest(scope: Scope, left: readonly string[], settings: Settings): object {
  if (scope.kind === 'paths')
    return { paths: scope.paths.filter((path) => left.some((topic) => path.startsWith(`${settings.root}/${topic}/`))) };
  return {
    topics: left,
    scope: scope.kind,
    ...(scope.kind === 'recent' && scope.partitions !== undefined ? { partitions: scope.partitions } : {}),
  };
}
