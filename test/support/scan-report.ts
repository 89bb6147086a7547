import type { Report, ReportFinding, ReportRule } from '#functions/compliance-scan/output/report.ts';
import { findingId } from '#functions/compliance-scan/state/finding.ts';

/** When the report of these tests ended, in milliseconds since 1970. */
export const scanTime = Date.UTC(2026, 10, 21, 12);
const day = 86_400_000;

/** A rule of a report. */
export function makeRule(over: Partial<ReportRule> = {}): ReportRule {
  return {
    id: 'network-no-open-admin-ports',
    version: 1,
    title: 'Ports of administration are closed to the internet',
    why: 'Whoever gets in there owns the machine.',
    remedy: 'Let in the office alone.',
    area: 'network',
    severity: 'critical',
    controls: { 'cis-aws-3.0': ['5.2'] },
    counts: { pass: 10, fail: 1, error: 0, unknown: 1 },
    ...over,
  };
}

/** A finding of a report; its id follows from its rule, resource and part. */
export function makeFinding(over: Partial<ReportFinding> = {}): ReportFinding {
  const finding: Omit<ReportFinding, 'id'> = {
    rule: 'network-no-open-admin-ports',
    ruleVersion: 1,
    resource: {
      uid: 'aws/123456789012/eu-central-1/aws.SecurityGroup/sg-1',
      kind: 'aws.SecurityGroup',
      scope: 'aws/123456789012/eu-central-1/aws.SecurityGroup',
      name: 'sg-1',
      place: { account: '123456789012', region: 'eu-central-1' },
      owner: 'lake',
    },
    part: 'tcp/22',
    status: 'fail',
    severity: 'critical',
    reason: 'sg-1 lets everybody reach tcp/22',
    evidence: { ranges: ['0.0.0.0/1', '128.0.0.0/1'] },
    exposure: 'world',
    state: 'open',
    firstSeen: scanTime - 3 * day,
    changed: scanTime - 3 * day,
    lastSeen: scanTime,
    reopened: 0,
    revision: 1,
    ...over,
  };
  return { id: findingId(finding.rule, finding.resource.uid, finding.part), ...finding };
}

/** A finding about a Kubernetes object. */
export function makeClusterFinding(name: string, over: Partial<ReportFinding> = {}, namespace = 'lake'): ReportFinding {
  const { part, ...finding } = makeFinding({
    rule: 'kubernetes-service-not-open',
    resource: {
      uid: `kubernetes/test/${namespace}/v1/Service/${name}`,
      kind: 'kubernetes.Service',
      scope: 'kubernetes/test/kubernetes.Service',
      name,
      place: namespace === '' ? { apiVersion: 'v1' } : { namespace, apiVersion: 'v1' },
    },
    severity: 'high',
    reason: `Service ${name} is open to the internet`,
    ...over,
  });
  return { ...finding, id: findingId(finding.rule, finding.resource.uid, part) };
}

/** A report with something of everything. */
export function makeReport(over: Partial<Report> = {}): Report {
  const waived = makeClusterFinding('waived', { state: 'waived', waiver: 'demo-until-spring', severity: 'medium' });
  const findings = [
    makeFinding({ transition: { kind: 'opened' } }),
    makeClusterFinding('ui', { transition: { kind: 'reopened', because: 'fails-again' }, reopened: 1 }),
    makeClusterFinding('unread', { status: 'unknown', reason: 'Service unread could not be read', severity: 'low' }),
    waived,
    makeClusterFinding('old', {
      state: 'resolved',
      because: 'gone',
      transition: { kind: 'resolved', because: 'gone' },
    }),
  ];
  return {
    instance: 'production',
    started: scanTime - 4_000,
    ended: scanTime,
    complete: false,
    rules: [
      makeRule(),
      makeRule({
        id: 'kubernetes-service-not-open',
        title: 'Services are not open to the internet',
        severity: 'high',
        controls: {},
      }),
      makeRule({ id: 'labels-owner', title: 'Things have an owner', area: 'ownership', severity: 'low' }),
    ],
    findings,
    scopes: [
      {
        id: 'aws/123456789012/eu-central-1/aws.SecurityGroup',
        kind: 'aws.SecurityGroup',
        complete: true,
        resources: 12,
      },
      {
        id: 'kubernetes/test/kubernetes.Secret',
        kind: 'kubernetes.Secret',
        complete: false,
        resources: 0,
        problem: { code: 'inventory.forbidden', message: 'listing secrets is forbidden' },
      },
    ],
    areas: [
      { area: 'network', counts: { pass: 10, fail: 2, error: 0, unknown: 1, waived: 1 }, score: 71.4 },
      { area: 'ownership', counts: { pass: 0, fail: 0, error: 0, unknown: 0, waived: 0 } },
    ],
    score: 71.4,
    waivers: [
      {
        id: 'demo-until-spring',
        owner: 'lake',
        approver: 'security',
        reason: 'The demo is shown until spring',
        ticket: 'LAKE-7',
        expires: scanTime + 5 * day,
        state: 'expiring',
        findings: 1,
      },
    ],
    problems: [],
    ...over,
  };
}
