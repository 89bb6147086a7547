import type { KafkaRecord } from '#shared/kafka/record.ts';
import {
  connectHeaders,
  deadRecord,
  headers,
  smallryeHeaders,
  springException,
  springOrigin,
  streamsHeaders,
} from './dead-letters.ts';

/** Numbers that look random and are the same at each run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

const nouns = ['order', 'invoice', 'click', 'user', 'parcel', 'payment', 'cart', 'price', 'stock', 'refund'];
const verbs = ['parse', 'convert', 'store', 'route', 'enrich', 'join', 'index', 'book', 'reserve', 'verify'];

/** Messages with what differs from record to record; each with a number of its group in letters. */
const templates: readonly ((random: Random, name: string) => string)[] = [
  (random, name) => `Could not ${name} record ${uuid(random)} after ${whole(random, 5_000)} ms`,
  (random, name) => `Connection to ${ip(random)}:${whole(random, 65_535)} refused while ${name} at ${instant(random)}`,
  (random, name) =>
    `${name}: Unexpected character ('${letterOf(random)}' (code ${whole(random, 120)})): at line ${whole(random, 90)}, column ${whole(random, 900)}`,
  (random, name) => `value "${uuid(random)}" of ${name} violates constraint`,
  (random, name) =>
    `Failed ${name} for customer user${whole(random, 99_999)}@example${whole(random, 9)}.com in /var/data/${hex(random, 12)}/part-${whole(random, 999)}.json`,
  (random, name) =>
    `[pool-${whole(random, 40)}-thread-${whole(random, 40)}] ${name} timed out, offsets [${list(random)}]`,
  (random, name) => `Ungültiger Wert für „${hex(random, 5)}“ bei ${name}, Versuch ${whole(random, 9)}`,
  (random, name) =>
    `${name} fehlgeschlagen: id=${hex(random, 8)}, retries=${whole(random, 9)}, Object com.acme.Row@${hex(random, 7)}`,
];

/** What one true group has in common. */
interface Truth {
  readonly family: 'connect' | 'streams' | 'spring' | 'smallrye';
  readonly name: string;
  readonly stage: string;
  readonly root: string;
  readonly template: (random: Random, name: string) => string;
  readonly methods: readonly string[];
}

/** The true groups: neighbours differ in one thing only, such as the root cause, the message or the frames. */
export function trueGroups(count: number): Truth[] {
  const families = ['connect', 'streams', 'spring', 'smallrye'] as const;
  return Array.from({ length: count }, (_, index): Truth => {
    const noun = `${nouns[Math.floor(index / 4) % nouns.length]}${inLetters(Math.floor(index / 400))}`;
    const verb = verbs[Math.floor(index / 40) % verbs.length] as string;
    return {
      family: families[index % 4] as Truth['family'],
      name: `${verb} ${noun}`,
      stage: index % 8 < 4 ? 'TASK_PUT' : 'TRANSFORMATION',
      root: `com.acme.${noun}.${verb[0]?.toUpperCase()}${verb.slice(1)}${index % 3 === 0 ? 'Error' : 'Exception'}`,
      template: templates[index % templates.length] as Truth['template'],
      methods: Array.from({ length: 4 }, (__, depth) => `com.acme.${noun}.${verb}.Step${'ABCD'[depth]}.${verb}${noun}`),
    };
  });
}

/** A number in letters, none of which is a hexadecimal digit; 0 is nothing. */
function inLetters(number: number): string {
  return number === 0 ? '' : `${inLetters(Math.floor(number / 20))}${'ghijklmnopqrstuvwxyz'[number % 20]}`;
}

/** One record of a group: only what differs from record to record is random. */
export function groupRecord(truth: Truth, random: Random, offset: bigint, hasStack = true): KafkaRecord {
  const message = truth.template(random, truth.name);
  const told = {
    topic: 'orders',
    partition: whole(random, 12),
    offset: BigInt(whole(random, 1_000_000_000)),
    errorClass: 'org.apache.kafka.connect.errors.ConnectException',
    message: hasStack ? 'Tolerance exceeded in error handler' : message,
    stack: stackOf(truth, message, random),
  };
  const without = hasStack ? told : { ...told, errorClass: truth.root };
  const all = {
    connect: () =>
      connectHeaders(without).map(([name, value]) =>
        String(name).endsWith('.stage') ? ([name, Buffer.from(truth.stage)] as const) : ([name, value] as const),
      ),
    streams: () => streamsHeaders(without),
    spring: () =>
      [...springOrigin(without), ...springException(without)].filter(([name]) => !String(name).endsWith('cause-fqcn')),
    smallrye: () => [
      ...smallryeHeaders(without).filter(([name]) => !String(name).includes('cause')),
      ...headers(['dead-letter-cause-class-name', truth.root], ['dead-letter-cause', message]),
    ],
  }[truth.family]();
  const kept = hasStack ? all : all.filter(([name]) => !String(name).endsWith('stacktrace'));
  return deadRecord({ offset, timestamp: 1_700_000_000_000n + offset, headers: kept });
}

/** A stack trace of about 1.2 kB, with line numbers, lambdas, proxies and accessors that differ. */
function stackOf({ root, methods }: Truth, message: string, random: Random): string {
  const line = (frame: string): string =>
    `\tat ${frame}(${frame.split('.').at(-2)?.split('$')[0]}.java:${whole(random, 900)})`;
  return [
    'org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler',
    line('org.apache.kafka.connect.runtime.errors.RetryWithToleranceOperator.execAndHandleError'),
    line('org.apache.kafka.connect.runtime.WorkerSinkTask.convertAndTransformRecord'),
    `\tat java.base/java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:${whole(random, 900)})`,
    `Caused by: ${root}: ${message}`,
    line(`${methods[0]}`),
    line(`com.acme.Steps.lambda$run$${whole(random, 99)}`),
    `\tat jdk.internal.reflect.GeneratedMethodAccessor${whole(random, 99)}.invoke(Unknown Source)`,
    ...(random() < 0.5
      ? [`\tat com.acme.Steps$$Lambda$${whole(random, 999)}/0x${hex(random, 16)}.apply(Unknown Source)`]
      : []),
    line(`app//${methods[1]}`),
    `\tat jdk.proxy2/jdk.proxy2.$Proxy${whole(random, 99)}.save(Unknown Source)`,
    line(`${methods[2]}`),
    `\tat com.acme.Service$$EnhancerBySpringCGLIB$$${hex(random, 8)}.call(<generated>)`,
    line(`${methods[3]}`),
    ...methods.map((method) => line(`com.acme.platform.${method.split('.').at(-1)}.Runner.invokeAndWait`)).slice(0, 2),
    `\t... ${whole(random, 20)} more`,
    '',
  ].join('\n');
}

function whole(random: Random, below: number): number {
  return Math.floor(random() * below);
}

function hex(random: Random, length: number): string {
  // As ids have it: not all letters, not all digits.
  return `${Array.from({ length: length - 2 }, () => whole(random, 16).toString(16)).join('')}${whole(random, 10)}${'abcdef'[whole(random, 6)]}`;
}

function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-');
}

function ip(random: Random): string {
  return Array.from({ length: 4 }, () => whole(random, 256)).join('.');
}

function instant(random: Random): string {
  return new Date(1_700_000_000_000 + whole(random, 1e9)).toISOString();
}

function letterOf(random: Random): string {
  return 'abcdefghij'[whole(random, 10)] as string;
}

function list(random: Random): string {
  return Array.from({ length: 1 + whole(random, 5) }, () => whole(random, 9_999)).join(', ');
}
