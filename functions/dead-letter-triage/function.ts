import { deliver } from '#shared/host/deliver.ts';
import type { Call, FunctionDefinition, Outcome } from '#shared/host/function.ts';
import { Announce, functionName, triageEvent } from './announce.ts';
import { closeClients, createClients } from './clients.ts';
import { settingsSchema } from './config.ts';
import { readDoorbell } from './doorbell.ts';
import { createTriageMetrics } from './metrics.ts';
import { previewRun } from './preview.ts';
import { isSerious } from './problem.ts';
import { applyRun, type RunOutcome, type RunTools } from './run.ts';
import { createReplayMetrics } from './replay/replay-metrics.ts';
import { replayByEvent, replayRequested } from './replay/replay-by-event.ts';
import { findState, openState } from './state/open-state.ts';
import type { LogPlace } from './state/state-record.ts';
import type { StateTopic } from './state/state-topic.ts';
import { summarise } from './summary.ts';
import { UndeliveredLetters } from './undelivered/undelivered.ts';

/** dead-letter-triage: reads every dead letter, explains it, groups it, and sets it aside. */
export const deadLetterTriage: FunctionDefinition<typeof settingsSchema> = {
  name: functionName,
  settings: settingsSchema,
  async start(settings, { metrics, instance }) {
    const clients = createClients(settings);
    const count = createTriageMetrics(metrics, clients);
    const countReplay = createReplayMetrics(metrics);
    const undelivered = new UndeliveredLetters(settings, clients);
    let opening: Promise<StateTopic> | undefined;
    const open = (): Promise<StateTopic> => {
      opening ??= openState(settings.state, clients).catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    };
    return {
      async handle(call) {
        const { event, signal, log } = call;
        if (event.type === replayRequested) return replayByEvent(call, settings, clients, instance, countReplay);
        let request = readDoorbell(event, settings);
        const started = Date.now();
        if (request.undelivered !== undefined) {
          const place = await undelivered.keep(request.undelivered, started, signal);
          request = { ...request, scope: { kind: 'places', places: [place] } };
        }
        // Half of the time is left for the batches that are under way when the time for new ones is over.
        const halfTime = started + (call.deadline - started) / 2;
        const tools: RunTools = {
          clients,
          settings,
          state: request.dryRun ? await findState(settings.state, clients, signal) : await open(),
          announce: new Announce((effect) => deliver(call, effect), instance),
          now: Date.now,
          hasTime: () => Date.now() < halfTime,
          signal,
        };
        if (request.dryRun) return { status: 'planned', body: await previewRun(request, tools) };
        const outcome = await applyRun(request, tools);
        const summary = summarise(outcome);
        count(outcome);
        for (const problem of outcome.problems) log[isSerious(problem) ? 'error' : 'warn'](problem, problem.message);
        log.info({ outcome: summary }, `triage ${summary.status}`);
        if (outcome.left.length > 0) await resume(outcome, instance, call);
        return answer(outcome);
      },
      stop: () => closeClients(clients),
    };
  },
};

const shownProblems = 200;
/** Partitions that one event to ourselves names; what is beyond is found again by the next cron. */
const resumedPlaces = 1_000;

function answer(outcome: RunOutcome): Outcome {
  const summary = summarise(outcome);
  return { status: summary.status, body: { ...summary, problems: outcome.problems.slice(0, shownProblems) } };
}

/** Asks ourselves to go on. A sink that does not take this fails the call, so that its sender repeats it. */
async function resume({ left, partitions }: RunOutcome, instance: string, call: Call): Promise<void> {
  const places: LogPlace[] = left.slice(0, resumedPlaces).map(({ topic, partition }) => ({ topic, partition }));
  // Letters that were done in between make it another request than the last one for the same places.
  const done = partitions.reduce((sum, { letters }) => sum + letters, 0);
  const idParts = [call.event.source, call.event.id, JSON.stringify(places), done];
  await call.emit(triageEvent(instance, 'dead-letter-triage.resumed', { places }, idParts));
}
