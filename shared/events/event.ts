import { createHash } from 'node:crypto';
import { LakewardenError } from '#shared/errors/error.ts';

/** An event of ours, ready to be sent (CloudEvents 1.0). */
export interface CloudEventOut {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema?: string;
  readonly data: unknown;
}

/** What a function says about something that happened. */
export interface EventDraft {
  /** The function's name, such as `metastore-sync`. */
  readonly function: string;
  /** Which deployment of it: the same for all its pods, so that an event sent twice has one source. */
  readonly instance: string;
  /** `dev.lakewarden.<noun>.<past participle>`. */
  readonly type: string;
  /** The thing the event is about: a table, a partition's path, a finding. */
  readonly subject?: string;
  /** What makes this happening this one: the same parts always give the same id. */
  readonly idParts: readonly (string | number | bigint | boolean)[];
  readonly data: unknown;
  /** Absolute address of the data's JSON Schema. */
  readonly dataschema?: string;
  /** When it happened; now by default. */
  readonly time?: Date;
}

/** Makes an event whose id follows from what happened. @throws LakewardenError `internal` for a type that is not ours. */
export function createEvent(draft: EventDraft): CloudEventOut {
  if (!/^dev\.lakewarden(\.[a-z0-9-]+)+$/.test(draft.type))
    throw new LakewardenError('internal', `${draft.type} is not a type of Lakewarden's events`);
  const source = `/lakewarden/${encodeURIComponent(draft.function)}/${encodeURIComponent(draft.instance)}`;
  const parts = [source, draft.type, draft.subject ?? null, ...draft.idParts.map((part) => `${typeof part} ${part}`)];
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return {
    specversion: '1.0',
    id: `${draft.type.slice('dev.lakewarden.'.length)}-${digest}`,
    source,
    type: draft.type,
    ...(draft.subject === undefined ? {} : { subject: draft.subject }),
    time: (draft.time ?? new Date()).toISOString(),
    datacontenttype: 'application/json',
    ...(draft.dataschema === undefined ? {} : { dataschema: draft.dataschema }),
    data: draft.data,
  };
}

/** Makes an event of one function: `type` without `dev.lakewarden.`, which also names the schema of its data. */
export type MakeEvent = (
  instance: string,
  type: string,
  data: unknown,
  idParts: EventDraft['idParts'],
  subject?: string,
  time?: Date,
) => CloudEventOut;

/** The events of a function, by its name. @throws LakewardenError `internal` when one is made of a type that is not ours */
export function eventsOf(functionName: string): MakeEvent {
  return (instance, type, data, idParts, subject, time) => {
    const fullType = `dev.lakewarden.${type}`;
    return createEvent({
      function: functionName,
      instance,
      type: fullType,
      ...(subject === undefined ? {} : { subject }),
      ...(time === undefined ? {} : { time }),
      idParts,
      data,
      dataschema: `https://lakewarden.dev/events/${fullType}.schema.json`,
    });
  };
}
