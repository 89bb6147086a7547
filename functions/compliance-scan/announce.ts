import pLimit from 'p-limit';
import { type CloudEventOut, eventsOf } from '#shared/events/event.ts';
import type { ActiveRule } from './evaluate.ts';
import type { Finding, Transition } from './state/finding.ts';

/** The name that this function has in events, logs and metrics. */
export const functionName = 'compliance-scan';

/** Makes an event of compliance-scan. */
export const scanEvent = eventsOf(functionName);

/** Events that are on their way at once. */
const sentAtOnce = 8;

/**
 * Tells what happened to findings, `finding.opened` and so on. Ids follow from the finding and the number of its transition, so
 * that telling twice is harmless.
 */
export function tellTransitions(
  rules: readonly ActiveRule[],
  instance: string,
  emit: (event: CloudEventOut) => Promise<void>,
): (transitions: readonly Transition[]) => Promise<void> {
  const byId = new Map(rules.map((active) => [active.rule.id, active]));
  return async (transitions) => {
    const atOnce = pLimit(sentAtOnce);
    await Promise.all(
      transitions.map(({ kind, because, finding }) =>
        atOnce(async () => {
          const data = {
            ...describeFinding(finding, byId.get(finding.rule)),
            ...(because === undefined ? {} : { because }),
          };
          const parts = [finding.id, finding.revision];
          const time = new Date(finding.changed);
          await emit(scanEvent(instance, `finding.${kind}`, data, parts, finding.id, time));
        }),
      ),
    );
  };
}

function describeFinding(finding: Finding, active: ActiveRule | undefined): object {
  const { id, rule, ruleVersion, resource, part, status, severity, reason, evidence, exposure, waiver } = finding;
  const { uid, kind, scope, name, place, owner } = resource;
  const about =
    active === undefined ? {} : { title: active.rule.title, area: active.rule.area, remedy: active.rule.remedy };
  return {
    finding: id,
    rule,
    ruleVersion,
    ...about,
    severity,
    status,
    state: finding.state,
    resource: { uid, kind, scope, name, place },
    ...(part === undefined ? {} : { part }),
    ...(owner === undefined ? {} : { owner }),
    reason,
    ...(evidence === undefined ? {} : { evidence }),
    ...(exposure === undefined ? {} : { exposure }),
    ...(waiver === undefined ? {} : { waiver }),
    firstSeen: new Date(finding.firstSeen).toISOString(),
    reopened: finding.reopened,
  };
}
