import { describe, expect, test } from '@jest/globals';
import { assert, property, string } from 'fast-check';
import { HTTP, type CloudEvent } from 'cloudevents';
import { createEvent, eventsOf } from '#shared/events/event.ts';
import { decodeHeaderValue, encodeHeaderValue } from '#shared/events/header-value.ts';
import { toJson } from '#shared/events/json.ts';
import { writeHeaders } from '#shared/events/sink.ts';

const draft = {
  function: 'metastore-sync',
  instance: 'east',
  type: 'dev.lakewarden.partitions.added',
  subject: 'golden/orders/2019',
  idParts: ['orders', 7, 8n],
  data: { partitions: ['2019/09/01/01'] },
  time: new Date(0),
};

describe('createEvent', () => {
  test('the same happening has the same id, another one another', () => {
    const { id } = createEvent(draft);
    expect(id).toMatch(/^partitions\.added-[0-9a-f]{32}$/);
    expect(createEvent({ ...draft, time: new Date(1), data: {} }).id).toBe(id);
    const others = [
      { idParts: ['orders', 78n] },
      { idParts: ['orders', '7', 8n] },
      { idParts: ['orders'] },
      { instance: 'west' },
      { subject: 'x' },
      { type: 'dev.lakewarden.partitions.gone' },
    ];
    expect(new Set([id, ...others.map((other) => createEvent({ ...draft, ...other }).id)]).size).toBe(7);
  });

  test('the events of a function are those of its name, with the address of their schema', () => {
    const { type, idParts, data, subject, time } = draft;
    const dataschema = `https://lakewarden.dev/events/${type}.schema.json`;
    const event = eventsOf('metastore-sync')('east', 'partitions.added', data, idParts, subject, time);
    expect(event).toEqual(createEvent({ ...draft, dataschema }));
    expect(eventsOf('metastore-sync')('east', 'sync.completed', {}, [])).not.toHaveProperty('subject');
  });

  test('a type of somebody else is our mistake', () => {
    expect(() => createEvent({ ...draft, type: 'com.example.x' })).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });

  test('the CloudEvents SDK reads what we send', () => {
    const event = createEvent({ ...draft, subject: 'a b/€ 100%' });
    const headers = writeHeaders(event, { traceparent: '00-x', id: 'cannot replace the id' });
    const read = HTTP.toEvent({ headers, body: toJson(event.data) }) as CloudEvent<unknown>;
    expect(read.validate()).toBe(true);
    expect(read).toMatchObject({ id: event.id, source: '/lakewarden/metastore-sync/east', data: draft.data });
    expect(read['traceparent']).toBe('00-x');
    expect(headers['ce-subject']).toBe('a%20b/%E2%82%AC%20100%25');
  });
});

test('any text survives a header, and the header is printable ASCII', () => {
  assert(
    property(string({ unit: 'grapheme' }), (text) => {
      const header = encodeHeaderValue(text);
      expect(header).toMatch(/^[!#-~]*$/);
      expect(decodeHeaderValue(header)).toBe(text);
    }),
  );
});

test('a header that is cut off within a character leaves nothing behind for the next', () => {
  for (const cut of ['%E2%82', '\u00c3', '%FF']) {
    expect(decodeHeaderValue(cut)).toBeUndefined();
    expect(decodeHeaderValue('%E2%82%AC')).toBe('€');
    expect(decodeHeaderValue('%AC')).toBeUndefined();
  }
});

test('a byte order mark, quotes and a lone percent sign in a header are read by the specification', () => {
  const read = ['%EF%BB%BFa', '"a\\"b"', 'say "a"', '"open', '100%', ''].map(decodeHeaderValue);
  expect(read).toEqual(['\uFEFFa', 'a"b', 'say "a"', '"open', '100%', '']);
});

test('big integers are numbers as long as that is exact', () => {
  expect(toJson({ small: 5n, large: 2n ** 60n })).toBe('{"small":5,"large":"1152921504606846976"}');
});
