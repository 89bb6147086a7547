import { isRecord } from '#shared/config/tree.ts';
import type { Declared } from './declared-schema.ts';

/** A feed that fires a trigger: the action that provides it, and its parameters. */
export interface Feed {
  readonly feed: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The feed of a declared trigger; alarms are told to name themselves, so that a tick has a name that follows from it. */
export function feedOf(trigger: string, { alarm, kafka, feed }: Declared['triggers'][string]): Feed | undefined {
  if (feed !== undefined) return { feed: feed.name, parameters: feed.parameters };
  if (kafka !== undefined) {
    const { feed: name, ...parameters } = kafka;
    return { feed: name, parameters };
  }
  if (alarm === undefined) return undefined;
  const { package: home, payload, ...rest } = alarm;
  const kind = alarm.cron === undefined ? (alarm.minutes === undefined ? 'once' : 'interval') : 'alarm';
  // A sixth field of cron counts seconds.
  const seconds = (alarm.cron?.trim().split(/\s+/).length ?? 0) > 5 ? 1 : 60;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    feed: `${home}/${kind}`,
    parameters: { ...given, trigger_payload: { ...payload, lakewardenTick: { trigger, seconds } } },
  };
}

/** What the providers of apache/openwhisk-package-alarms and -kafka change in place, and tell by READ. */
const changeable: readonly (readonly [RegExp, ReadonlySet<string>])[] = [
  [/\/(?:alarm|interval|once)$/, new Set(['trigger_payload', 'cron', 'minutes', 'date', 'startDate', 'stopDate'])],
  [/\/kafkaFeed$/, new Set(['isJSONData', 'isBinaryKey', 'isBinaryValue'])],
];

/** Whether a parameter of a feed can be changed without making the feed anew. */
export function isChangeable(feed: string, parameter: string): boolean {
  return changeable.some(([name, parameters]) => name.test(feed) && parameters.has(parameter));
}

/** The parameters of a feed that stay what they are as long as it lives. */
export function keptParameters(feed: string, parameters: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !isChangeable(feed, name)));
}

/** What a provider tells of a feed (its answer to READ), by the names that it takes. */
export function readFeedAnswer(answer: unknown): { parameters: Record<string, unknown>; fault: string | undefined } {
  const { config, status } = isRecord(answer) ? answer : {};
  const {
    payload,
    name: _name,
    namespace: _namespace,
    triggerName: _trigger,
    ...parameters
  } = isRecord(config) ? config : {};
  const { active, reason } = isRecord(status) ? status : {};
  const message = isRecord(reason) ? reason['message'] : reason;
  return {
    parameters: { ...parameters, ...(payload === undefined ? {} : { trigger_payload: payload }) },
    fault: active === false ? (typeof message === 'string' ? message : 'it is not active') : undefined,
  };
}
