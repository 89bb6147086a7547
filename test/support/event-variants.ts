import type { Sent } from './function-process.ts';

/** An event as a source of Knative sent it; `headers` in its own letter case. */
export interface Captured {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a variant deserves: to be refused with one of these statuses, or whatever its event deserves when it is not spoilt. */
type Deserved = readonly number[] | 'as it is';

/** A request and what it deserves. */
export interface Variant {
  readonly what: string;
  readonly sent: Sent;
  readonly deserved: Deserved;
}

const invalid = [400];
const hopeless = [400, 415];

/** What may become of an event on its way, or in the hands of somebody who means harm. */
export function spoil({ headers, body }: Captured, bodyLimit: number): Variant[] {
  const name = (wanted: string): string => Object.keys(headers).find((one) => one.toLowerCase() === wanted) ?? wanted;
  const without = (wanted: string): Record<string, string> => {
    const { [name(wanted)]: _left, ...rest } = headers;
    return rest;
  };
  const having = (wanted: string, value: string): Record<string, string> => ({ ...without(wanted), [wanted]: value });
  const twice = (wanted: string, value: string): string[] => [
    ...Object.entries({ Host: 'function', ...headers }).flat(),
    wanted,
    value,
  ];
  const type = headers[name('ce-type')] ?? '';
  // The body of a dead letter may be what is wrong with it: it is taken as bytes.
  const isDeadLetter = name('ce-knativeerrordest') in headers;
  const ofBody = isDeadLetter ? ('as it is' as const) : invalid;
  const variant = (what: string, sent: Sent, deserved: Deserved): Variant => ({ what, sent, deserved });
  const body1 = (what: string, changed: string | Uint8Array, deserved: Deserved = ofBody): Variant =>
    variant(what, { headers, body: changed }, deserved);
  return [
    variant('as it was sent', { headers, body }, 'as it is'),
    ...['ce-id', 'ce-source', 'ce-type', 'ce-specversion'].flatMap((attribute) => [
      variant(`without ${attribute}`, { headers: without(attribute), body }, invalid),
      variant(`with an empty ${attribute}`, { headers: having(attribute, ''), body }, invalid),
      variant(`with ${attribute} twice`, { headers: twice(attribute, headers[name(attribute)] ?? ''), body }, invalid),
    ]),
    variant('with an empty ce-namespace', { headers: having('ce-namespace', ''), body }, 'as it is'),
    variant('with an empty subject', { headers: having('ce-subject', ''), body }, [400, 415, 204, 503]),
    variant('of version 0.3', { headers: having('ce-specversion', '0.3'), body }, invalid),
    variant('of a time that is none', { headers: having('ce-time', 'soon'), body }, invalid),
    variant(
      'of another type',
      { headers: having('ce-type', `${type}.unheard`), body },
      isDeadLetter ? 'as it is' : [415],
    ),
    variant('of a type with a line break', { headers: having('ce-type', `${type}%0d%0aX: y`), body }, [400, 415, 204]),
    variant('with a header that is no text', { headers: having('ce-subject', 'é%ff%00'), body }, invalid),
    variant('with an extension __proto__', { headers: having('ce-__proto__', 'x'), body }, invalid),
    variant('with 100 kB of headers', { headers: having('ce-note', 'x'.repeat(100_000)), body }, [431]),
    variant('with a second content type', { headers: twice('Content-Type', 'text/plain'), body }, [400, 415, 204, 503]),
    ...['text/plain', 'application/xml', 'application/json; charset=utf-16', 'multipart/form-data', 'x', ''].map(
      (one) =>
        variant(`called ${one || 'nothing'}`, { headers: having('content-type', one), body }, [400, 415, 204, 503]),
    ),
    variant(
      'called an event in JSON',
      { headers: having('content-type', 'application/cloudevents+json'), body },
      hopeless,
    ),
    variant('called a batch', { headers: having('content-type', 'application/cloudevents-batch+json'), body }, [415]),
    variant('called gzip', { headers: having('content-encoding', 'gzip'), body }, [415]),
    variant('to another path', { path: '/%2e%2e/etc/passwd', headers, body }, [400, 404]),
    variant('with a query', { path: '/?type=evil', headers, body }, invalid),
    body1('cut off', '{"zone":"gold'),
    body1('of bytes that are no text', Uint8Array.of(0x22, 0xff, 0xfe, 0x22)),
    body1('of 100,000 brackets', '['.repeat(100_000)),
    body1('of a number without end', '9'.repeat(100_000), [400, 415, 204, 503]),
    ...[
      'null',
      '[]',
      '"x"',
      '7',
      'true',
      '{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}',
      '{"topics":7}',
    ].map((one) => body1(`of ${one}`, one, [400, 415, 204, 503])),
    body1('of nothing', '', [400, 415, 204, 503]),
    body1('larger than allowed', `"${'x'.repeat(bodyLimit)}"`, [413]),
  ];
}
