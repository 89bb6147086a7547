import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { admit } from './admission.ts';
import { kubectl } from './admin.ts';
import { dryRun } from './manifests.ts';

// What is refused here, and by whom, is what the tests of our own manifests rest on.

const namespace = `admission-${randomBytes(4).toString('hex')}`;
afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']));

const head = (apiVersion: string, kind: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: tried, namespace: ${namespace} }\n`;
const service = (annotations: string, revision: string): string => `${head('serving.knative.dev/v1', 'Service')}
spec:
  template:
    metadata: { annotations: { ${annotations} } }
    spec:
      ${revision}
      containers:
        - image: example.test/function@sha256:${'a'.repeat(64)}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
            runAsNonRoot: true
            seccompProfile: { type: RuntimeDefault }
`;
const ref = 'ref: { apiVersion: eventing.knative.dev/v1, kind: Broker, name: default }';
const ping = (schedule: string, sink: string): string =>
  `${head('sources.knative.dev/v1', 'PingSource')}spec: { schedule: "${schedule}", sink: { ${sink} } }`;
const apiServer = (more: string): string =>
  `${head('sources.knative.dev/v1', 'ApiServerSource')}spec: { resources: [{ apiVersion: v1, kind: Service }], ${more} }`;
const binding = (sink: string): string =>
  `${head('sources.knative.dev/v1', 'SinkBinding')}
spec: { subject: { apiVersion: serving.knative.dev/v1, kind: Service, name: one }, sink: { ${sink} } }`;
const trigger = (more: string): string =>
  `${head('eventing.knative.dev/v1', 'Trigger')}spec: { broker: default, ${more} }`;
const subscriber = 'subscriber: { ref: { apiVersion: serving.knative.dev/v1, kind: Service, name: one } }';
const kafka = (more: string): string =>
  `${head('sources.knative.dev/v1', 'KafkaSource')}spec: { consumerGroup: one, ${more} }`;
const broker = (delivery: string): string =>
  `${head('eventing.knative.dev/v1', 'Broker')}spec: { delivery: { ${delivery} } }`;
const eventType = (type: string): string => `${head('eventing.knative.dev/v1beta2', 'EventType')}spec: { ${type} }`;

const good: Readonly<Record<string, string>> = {
  Service: service('autoscaling.knative.dev/min-scale: "0"', 'timeoutSeconds: 300'),
  PingSource: ping('*/5 * * * *', ref),
  ApiServerSource: apiServer(`serviceAccountName: one, mode: Reference, sink: { ${ref} }`),
  SinkBinding: binding(ref),
  Trigger: trigger(`filters: [{ exact: { type: one } }], ${subscriber}`),
  KafkaSource: kafka(`bootstrapServers: ["kafka:9092"], topics: [one], sink: { ${ref} }`),
  Broker: broker('retry: 3, backoffPolicy: exponential, backoffDelay: PT1S'),
  EventType: eventType(
    `type: dev.lakewarden.file.closed, reference: { apiVersion: eventing.knative.dev/v1, kind: Broker, name: default }`,
  ),
};

/** Mistakes that the definitions of the custom resources let pass. */
const bad: readonly (readonly [what: string, yaml: string, said: RegExp])[] = [
  ['a schedule that is none', ping('every five minutes', ref), /invalid value: .*spec\.schedule/],
  [
    'a source without a sink',
    ping('*/5 * * * *', ''),
    /expected at least one, got none: spec\.sink\.ref, spec\.sink\.uri/,
  ],
  [
    'a source of the API server without a sink',
    apiServer('mode: Resource, sink: {}'),
    /expected at least one, got none/,
  ],
  ['a mode that is none', apiServer(`mode: Everything, sink: { ${ref} }`), /invalid value: Everything: spec\.mode/],
  ['a binding without a sink', binding(''), /expected at least one, got none: spec\.sink/],
  [
    'a source of Kafka without topics',
    kafka(`bootstrapServers: ["kafka:9092"], topics: [], sink: { ${ref} }`),
    /spec\.topics/,
  ],
  ['a trigger without a subscriber', trigger('filters: []'), /spec\.subscriber/],
  [
    'a filter in a dialect that is none',
    trigger(`filters: [{ nearly: { type: one } }], ${subscriber}`),
    /unknown field "nearly"/,
  ],
  ['a filter that does not parse', trigger(`filters: [{ cesql: "type LIKE" }], ${subscriber}`), /cesql/],
  [
    'a number of instances that is none',
    service('autoscaling.knative.dev/min-scale: banana', ''),
    /invalid value: banana/,
  ],
  [
    'bounds that cross',
    service('autoscaling.knative.dev/min-scale: "5", autoscaling.knative.dev/max-scale: "2"', ''),
    /max-scale=2 is less than min-scale=5/,
  ],
  [
    "a time limit past the platform's",
    service('', 'timeoutSeconds: 99999'),
    /expected 0 <= 99999 <= 600: spec\.template\.spec\.timeoutSeconds/,
  ],
  [
    'a negative concurrency',
    service('', 'containerConcurrency: -5'),
    /expected 0 <= -5 <= 1000: spec\.template\.spec\.containerConcurrency/,
  ],
  [
    'a folder of the node',
    service('', 'volumes: [{ name: node, hostPath: { path: / } }]'),
    /must not set the field\(s\): spec\.template\.spec\.volumes\[0\]\.hostPath/,
  ],
  [
    'a backoff that is none',
    broker('retry: 3, backoffPolicy: random'),
    /invalid value: random: spec\.delivery\.backoffPolicy/,
  ],
  ['a delay that is none', broker('retry: 3, backoffDelay: soon'), /invalid value: soon: spec\.delivery\.backoffDelay/],
  ['negative retries', broker('retry: -1'), /spec\.delivery\.retry/],
  ['an event type without a type', eventType('description: none'), /missing field\(s\): spec\.type/],
];

describe("Knative's own rules", () => {
  test.each(Object.entries(good))('admit a good %s', async (kind, yaml) => {
    await dryRun(yaml);
    expect(await admit(yaml)).toMatchObject([{ kind, name: 'tried', judged: true, errors: [], warnings: [] }]);
  });

  test.each(bad)('refuse %s', async (_what, yaml, said) => {
    const [verdict] = await admit(yaml);
    expect(verdict?.judged).toBe(true);
    expect(verdict?.errors.join()).toMatch(said);
  });

  test('warn of containers that may do more than they need', async () => {
    const open = service('', '').replace(/securityContext:[^]*$/, '');
    expect((await admit(open))[0]?.warnings.join()).toMatch(/securityContext/);
  });
});

describe('the API server', () => {
  test.each([
    ['a misspelt field', good['PingSource']!.replace('schedule', 'shedule'), /\.spec\.shedule: field not declared/],
    ['a wrong type', service('', 'timeoutSeconds: soon'), /timeoutSeconds: expected numeric/],
    ['a kind that nobody defined', head('eventing.knative.dev/v1', 'Broken'), /no matches for kind "Broken"/],
  ])('refuses %s', async (_what, yaml, said) => {
    await expect(dryRun(yaml)).rejects.toThrow(said);
  });
});
