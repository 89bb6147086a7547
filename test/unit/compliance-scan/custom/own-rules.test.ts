import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readRules } from '#functions/compliance-scan/custom/read-rules.ts';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import type { Verdict } from '#functions/compliance-scan/model/verdict.ts';

const digests = `
id: team-images-by-digest
title: Images are named by digest
why: A tag can be moved to another image.
area: workload
severity: medium
kinds: [kubernetes.Deployment]
params: { registries: [registry.example/] }
when:
  - { name: not-system, expression: "request.namespace != 'kube-system'" }
variables:
  - { name: containers, expression: object.spec.template.spec.containers }
  - { name: images, expression: "variables.containers.map(c, c.image)" }
validations:
  - expression: variables.images.all(image, image.matches('@sha256:[0-9a-f]{64}$'))
    messageExpression: "'not by digest: ' + variables.images.filter(i, !i.contains('@')).join(', ')"
  - expression: variables.images.all(image, params.registries.exists(registry, image.startsWith(registry)))
    message: an image comes from another registry
evidence: { images: variables.images, first: "variables.images[0]" }
remedy: Write the digest into the manifest.
examples:
  - shows: a digest
    given:
      body: { spec: { template: { spec: { containers: [{ image: "registry.example/a@sha256:${'0'.repeat(64)}" }] } } } }
    status: pass
  - shows: a tag
    given: { body: { spec: { template: { spec: { containers: [{ image: "registry.example/a:latest" }] } } } } }
    status: fail
  - shows: no containers, which the API server would refuse
    given: { body: { spec: {} } }
    status: error
`;

const resource = (body: unknown, over: Partial<Resource> = {}): Resource => ({
  uid: 'kubernetes/test/apps/Deployment/one',
  kind: 'kubernetes.Deployment',
  scope: 'kubernetes/test/kubernetes.Deployment',
  name: 'one',
  place: { namespace: 'lake' },
  body,
  ...over,
});

function judge(text: string, ...resources: Resource[]): Verdict[] {
  const rules = readRules([{ name: 'rules.yaml', text }]);
  const active = rules.map((rule) => ({ rule, parameters: {}, severity: rule.severity }));
  const evaluation = new Evaluation(active, { now: Date.UTC(2026, 10, 21), ownerOf: () => undefined });
  return [...resources.flatMap((one) => evaluation.add(one)), ...evaluation.finish()];
}

/** A rule whose only expression is this one. */
const ruleOf = (expression: string, example = '{}'): string => `
id: test-rule
title: t
why: w
area: workload
severity: low
kinds: [kubernetes.Deployment]
validations: [{ expression: ${JSON.stringify(expression)} }]
remedy: r
examples:
  - { shows: pass, given: { labels: { test: pass }, body: ${example} }, status: pass }
  - { shows: fail, given: { labels: { test: fail }, body: ${example} }, status: fail }
`;

/** Passes and fails in its examples, then says what the expression says. */
const tried = (expression: string): string =>
  ruleOf(`!('test' in resource.labels) ? (${expression}) : resource.labels.test == 'pass'`);

const statusOf = (expression: string, body: unknown = {}): string | undefined =>
  judge(tried(expression), resource(body))[0]?.status;

describe('rules that users write in CEL', () => {
  test('say why, with evidence', () => {
    const deployment = (image: string) => ({ spec: { template: { spec: { containers: [{ image }] } } } });
    expect(judge(digests, resource(deployment('registry.example/flink:1.20')))).toMatchObject([
      {
        rule: 'team-images-by-digest',
        status: 'fail',
        severity: 'medium',
        reason: 'not by digest: registry.example/flink:1.20',
        evidence: { images: ['registry.example/flink:1.20'], first: 'registry.example/flink:1.20' },
      },
    ]);
    expect(judge(digests, resource(deployment(`elsewhere/a@sha256:${'0'.repeat(64)}`)))).toMatchObject([
      { status: 'fail', reason: 'an image comes from another registry' },
    ]);
  });

  test('have nothing to say where their conditions are not met', () => {
    expect(judge(digests, resource({}, { place: { namespace: 'kube-system' } }))).toEqual([]);
  });

  test('are in error, never passed, where an expression has no answer', () => {
    expect(judge(digests, resource({ spec: {} }))).toMatchObject([
      { status: 'error', reason: expect.stringContaining('validations[0] could not be evaluated') },
    ]);
    expect(statusOf('object.missing == 1')).toBe('error');
    expect(statusOf("'not a bool'")).toBe('error');
    expect(statusOf('null')).toBe('error');
    expect(statusOf("exposure(['10.0.0.0/8', 'nonsense']) == 'private'")).toBe('error');
    expect(statusOf("exposure(object, 'tcp', 22) == 'none'")).toBe('error');
    expect(statusOf("cidr('10.0.0.0').containsIP('10.0.0.1')")).toBe('error');
    expect(statusOf('1 / object.zero == 1', { zero: 0 })).toBe('error');
    expect(statusOf('object.__proto__ == object', {})).toBe('error');
    expect(statusOf('object.constructor == object', {})).toBe('error');
  });

  test('see whole numbers as int and keys like __proto__ as keys', () => {
    expect(
      statusOf('object.replicas % 2 == 1 && object.replicas == 7.0 && object.half == 0.5', { replicas: 7, half: 0.5 }),
    ).toBe('pass');
    expect(
      statusOf(
        "object['__proto__'] == 'x' && 'constructor' in object",
        JSON.parse('{"__proto__":"x","constructor":1}'),
      ),
    ).toBe('pass');
    expect(statusOf('type(object.replicas) == int && object.replicas.map(r, r) == [7]', { replicas: [7] })).toBe(
      'fail',
    );
  });

  test.each([
    // From the examples of Kubernetes' documentation of validating admission policies.
    ['object.spec.replicas <= 5', { spec: { replicas: 5 } }],
    ["has(object.metadata.labels) && 'owner' in object.metadata.labels", { metadata: { labels: { owner: 'x' } } }],
    [
      'object.spec.containers.all(c, !has(c.securityContext) || c.securityContext.privileged != true)',
      { spec: { containers: [{}] } },
    ],
    ['object.metadata.name.startsWith(object.prefix)', { metadata: { name: 'lake-x' }, prefix: 'lake' }],
    ['!has(object.spec.hostNetwork) || object.spec.hostNetwork == false', { spec: {} }],
    [
      "object.spec.ports.exists_one(p, p.name == 'https' && p.port == 443)",
      { spec: { ports: [{ name: 'https', port: 443 }] } },
    ],
    [
      "quantity(object.memory).isLessThan(quantity('2Gi')) && quantity('1024Mi') == quantity('1Gi')",
      { memory: '1500M' },
    ],
    ["quantity('500m').add(quantity('1500m')).asInteger() == 2 && isQuantity('1e3') && !isQuantity('1 Gi')", {}],
    ['object.roles.sum() == 6 && object.roles.max() == 3 && object.roles.isSorted()', { roles: [1, 2, 3] }],
    ["sets.contains(['a', 'b'], object.names) && !sets.intersects(object.names, ['c'])", { names: ['a'] }],
    [
      "cidr('10.0.0.0/8').containsIP(ip(object.podIP)) && !cidr('10.0.0.0/8').containsIP('11.0.0.1')",
      { podIP: '10.1.2.3' },
    ],
    [
      "cidr('fd00::/8').containsCIDR(cidr('fd00:1::/32')) && cidr('10.0.0.0/8').prefixLength() == 8 && ip('::1').family() == 6",
      {},
    ],
    ["isIP('10.0.0.1') && !isIP('10.0.0.1/8') && isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.300/8')", {}],
    [
      "exposure(object.spec.loadBalancerSourceRanges) == 'world' && exposure(['10.0.0.0/8']) == 'private'",
      { spec: { loadBalancerSourceRanges: ['0.0.0.0/1', '128.0.0.0/1'] } },
    ],
    [
      "exposure(object, 'tcp', 22) == 'world' && exposure(object, 'tcp', 23) == 'none'",
      {
        rules: [
          {
            direction: 'ingress',
            action: 'allow',
            priority: 0,
            protocol: 'tcp',
            ports: [{ from: 22, to: 22 }],
            addresses: ['0.0.0.0/0'],
          },
        ],
      },
    ],
    ["oldObject == null && request.operation == 'UPDATE'", {}],
    [
      "now - timestamp(object.metadata.creationTimestamp) > duration('24h')",
      { metadata: { creationTimestamp: '2026-11-01T00:00:00Z' } },
    ],
  ])('speak as admission policies do: %s', (expression, body) => {
    expect(statusOf(expression, body)).toBe('pass');
  });

  test('see the namespace of the resource, and wait for namespaces to be listed', () => {
    const text = `
id: test-namespace
title: t
why: w
area: workload
severity: low
kinds: [kubernetes.Deployment]
validations: [{ expression: "namespaceObject.metadata.labels.stage == 'production'" }]
remedy: r
examples:
  - shows: production
    given: { place: { namespace: a } }
    beside: [{ kind: kubernetes.Namespace, name: a, labels: { stage: production } }]
    status: pass
  - shows: dev
    given: { place: { namespace: a } }
    beside: [{ kind: kubernetes.Namespace, name: a, labels: { stage: dev } }]
    status: fail
`;
    const namespace = resource(
      {},
      { uid: 'n', kind: 'kubernetes.Namespace', name: 'lake', labels: { stage: 'production' } },
    );
    expect(judge(text, resource({}), namespace).map(({ status }) => status)).toEqual(['pass']);
    expect(judge(text, resource({})).map(({ status }) => status)).toEqual(['error']);
  });
});

test('the rule in the README lives up to its examples', () => {
  const readme = readFileSync('functions/compliance-scan/README.md', 'utf8');
  const [, text = ''] = /```yaml\n(id: team-images-by-digest[^]*?)```/.exec(readme) ?? [];
  expect(readRules([{ name: 'README', text }]).map(({ id }) => id)).toEqual(['team-images-by-digest']);
});

describe('hostile rules of users', () => {
  test.each([
    ['a regular expression that others never finish', `'${'a'.repeat(5_000)}!'.matches('^(a+)+$')`, 'fail'],
    ['loops in loops', 'object.list.all(a, object.list.all(b, object.list.all(c, a + b + c >= 0)))', 'error'],
    ['a loop that an || hides', 'object.list.all(a, object.list.all(b, a + b >= 0)) || true', 'pass'],
    ['texts that double', `${'object.text + '.repeat(400)} '' != 'x'`, 'error'],
    ['texts that multiply', "object.text.replace('', object.text).replace('', object.text).size() > 0", 'error'],
    ['lists that are joined to a large text', "object.list.map(i, object.text).join(object.text) == ''", 'error'],
  ])('end, and never pass by failing: %s', (_, expression, status) => {
    const body = { list: Array.from({ length: 500 }, (_item, index) => index), text: 'x'.repeat(10_000) };
    expect(statusOf(expression, body)).toBe(status);
  });

  test('variables that double each other end in an error', () => {
    const variables = Array.from({ length: 40 }, (_, index) =>
      index === 0
        ? '{ name: v0, expression: "\'x\'" }'
        : `{ name: v${index}, expression: "variables.v${index - 1} + variables.v${index - 1}" }`,
    );
    const text = tried("variables.v39 == 'x'").replace(
      'validations:',
      `variables: [${variables.join(', ')}]\nvalidations:`,
    );
    expect(judge(text, resource({}))[0]?.status).toBe('error');
  });

  test.each([
    ['CEL that is none', ruleOf('1 +'), /validations\[0\]/],
    [
      'optional fields, which our CEL does not know',
      ruleOf('object.?a.orValue(true)'),
      /validations\[0\]: <input>:1:7/,
    ],
    ['nesting without end', ruleOf('('.repeat(9_000)), /nested too deeply/],
    ['an expression too long', ruleOf(`true${' '.repeat(20_000)}`), /validations/],
    ['unknown keys', ruleOf('true').replace('remedy:', 'remediation: x\nremedy:'), /remediation/],
    ['a failing example', ruleOf('true'), /example "fail": expected fail, the rule says pass/],
    [
      'no failing example',
      tried('true').replace(
        /\n {2}- \{ shows: fail.*/,
        '\n  - { shows: pass, given: { labels: { test: pass } }, status: pass }',
      ),
      /no example shows a fail/,
    ],
    ['YAML that is none', 'a: [', /rules\.yaml/],
    ['a list', '- a', /rules\.yaml: rule: /],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]`,
      /alias/,
    ],
  ])('are refused with the reason: %s', (_, text, reason) => {
    expect(() => readRules([{ name: 'rules.yaml', text }])).toThrow(reason);
  });

  test('two rules of one name are refused, and so is the name of a rule that exists', () => {
    expect(() => readRules([{ name: 'a', text: `${tried('true')}---${tried('true')}` }])).toThrow(
      'a, document 2: another rule is called test-rule, too',
    );
    expect(() => readRules([{ name: 'a', text: tried('true') }], new Set(['test-rule']))).toThrow('another rule');
  });

  test('all that is wrong is told at once', () => {
    expect(() =>
      readRules([
        { name: 'a', text: ruleOf('1 +') },
        { name: 'b', text: 'x: 1' },
      ]),
    ).toThrow(/a: .*; b: /s);
  });
});
