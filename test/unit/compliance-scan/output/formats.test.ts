import { describe, expect, test } from '@jest/globals';
import { renderJunit } from '#functions/compliance-scan/output/junit.ts';
import { renderOcsf } from '#functions/compliance-scan/output/ocsf.ts';
import { makeReports, renderOpenReports } from '#functions/compliance-scan/output/open-reports.ts';
import { renderPrometheus } from '#functions/compliance-scan/output/prometheus.ts';
import { renderSarif } from '#functions/compliance-scan/output/sarif.ts';
import { hostileTexts } from '../../../support/hostile-texts.ts';
import { makeClusterFinding, makeFinding, makeReport, scanTime } from '../../../support/scan-report.ts';

const report = makeReport();
const lines = (pieces: Iterable<string>): unknown[] =>
  [...pieces]
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('OCSF', () => {
  test('has a compliance finding for each finding: created, updated, suppressed, closed', () => {
    expect(lines(renderOcsf(report))).toMatchObject([
      {
        class_uid: 2003,
        type_uid: 200_301,
        severity_id: 5,
        status_id: 1,
        time: scanTime,
        finding_info: { uid: report.findings[0]?.id, title: 'Ports of administration are closed to the internet' },
        compliance: { control: 'network-no-open-admin-ports', status_id: 3, requirements: ['cis-aws-3.0 5.2'] },
        resources: [
          {
            uid: 'aws/123456789012/eu-central-1/aws.SecurityGroup/sg-1',
            region: 'eu-central-1',
            owner: { name: 'lake' },
          },
        ],
        unmapped: { exposure: 'world', part: 'tcp/22', evidence: { ranges: ['0.0.0.0/1', '128.0.0.0/1'] } },
      },
      { type_uid: 200_302, status_id: 1, unmapped: { reopened: 1 } },
      { type_uid: 200_302, compliance: { status_id: 0 }, unmapped: { verdict: 'unknown' } },
      { type_uid: 200_302, status_id: 3, unmapped: { waiver: 'demo-until-spring' } },
      { type_uid: 200_303, status_id: 4 },
    ]);
  });

  test('takes at most 2 kB for a finding', () => {
    for (const line of renderOcsf(report)) expect(line.length).toBeLessThan(2_048);
  });
});

describe('SARIF', () => {
  interface Run {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly invocations: readonly unknown[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly kind: string;
      readonly level: string;
      readonly baselineState: string;
      readonly suppressions?: readonly unknown[];
      readonly locations: readonly { readonly physicalLocation: unknown }[];
    }[];
  }
  const runOf = (one = report): Run => (JSON.parse([...renderSarif(one)].join('')) as { runs: [Run] }).runs[0];

  test('fingerprints findings, says what is new, and what is waived', () => {
    const run = runOf();
    expect(run.results.map((one) => [one.baselineState, one.kind, one.level, one.suppressions?.length])).toEqual([
      ['new', 'fail', 'error', undefined],
      ['new', 'fail', 'error', undefined],
      ['unchanged', 'open', 'none', undefined],
      ['unchanged', 'fail', 'warning', 1],
      ['absent', 'fail', 'error', undefined],
    ]);
    expect(run.results[0]).toMatchObject({
      ruleId: 'network-no-open-admin-ports',
      ruleIndex: 0,
      partialFingerprints: { 'lakewardenFinding/v1': report.findings[0]?.id },
      locations: [
        { logicalLocations: [{ fullyQualifiedName: 'aws/123456789012/eu-central-1/aws.SecurityGroup/sg-1' }] },
      ],
    });
    expect(run.invocations[0]).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [{ level: 'error', descriptor: { id: 'inventory.forbidden' } }],
    });
  });

  test('points at the line of a manifest that a resource comes from', () => {
    const finding = makeClusterFinding('ui');
    const resource = { ...finding.resource, place: { file: 'base dir/ui.yaml', line: '12' } };
    const [result] = runOf(makeReport({ findings: [{ ...finding, resource }] })).results;
    expect(result?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'base%20dir/ui.yaml' },
      region: { startLine: 12 },
    });
  });

  test('knows the rule of every finding, also one that is no longer used', () => {
    const { tool, results } = runOf(makeReport({ rules: [] }));
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });
});

describe('JUnit', () => {
  test('has a case for each rule and for each listing that is not whole', () => {
    const xml = [...renderJunit(report)].join('');
    expect(xml).toContain('tests="2" failures="2" errors="0"');
    expect(xml).toContain('<testcase classname="ownership" name="labels-owner" time="0"></testcase>');
    expect(xml).toContain(
      'critical: aws/123456789012/eu-central-1/aws.SecurityGroup/sg-1: sg-1 lets everybody reach tcp/22',
    );
    expect(xml).toContain('<error type="inventory.forbidden" message="listing secrets is forbidden"/>');
    expect(xml).not.toContain('Service/waived');
  });

  test('cannot be broken by what resources are called', () => {
    for (const text of hostileTexts) {
      const xml = [...renderJunit(makeReport({ findings: [makeFinding({ reason: text })] }))].join('');
      expect(xml.match(/<failure /g)).toHaveLength(1);
      // oxlint-disable-next-line no-control-regex -- controls are what is looked for
      expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    }
  });
});

describe('reports in the cluster', () => {
  test('hold what fails in a namespace; waived is skip, what could not be judged is error, what passes is left out', () => {
    const [one, ...others] = [...makeReports(report)];
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      apiVersion: 'openreports.io/v1alpha1',
      kind: 'Report',
      metadata: { namespace: 'lake' },
      summary: { pass: 0, fail: 1, warn: 0, error: 1, skip: 1 },
      results: [
        {
          result: 'fail',
          severity: 'high',
          message: 'Service ui is open to the internet',
          resources: [{ kind: 'Service', name: 'ui', namespace: 'lake', apiVersion: 'v1' }],
        },
        { result: 'error' },
        { result: 'skip', properties: { waiver: 'demo-until-spring' } },
      ],
    });
    expect(lines(renderOpenReports(report).map((text) => text.replace('---\n', '')))).toEqual([one]);
  });

  test('are of the cluster where resources have no namespace, and of the older API on wish', () => {
    const findings = [makeClusterFinding('node', {}, '')];
    expect([...makeReports(makeReport({ findings }))]).toMatchObject([{ kind: 'ClusterReport' }]);
    expect([...makeReports(makeReport({ findings }), { api: 'wgpolicyk8s.io/v1alpha2' })]).toMatchObject([
      {
        apiVersion: 'wgpolicyk8s.io/v1alpha2',
        kind: 'ClusterPolicyReport',
        results: [{ resources: [{ name: 'node' }] }],
      },
    ]);
  });

  test('stay below half a megabyte each, whatever fails, and lose nothing', () => {
    const findings = Array.from({ length: 3_000 }, (_, index) =>
      makeClusterFinding(`service-${index}`, { reason: 'ü'.repeat(900) }),
    );
    const pieces = [...makeReports(makeReport({ findings }))];
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) expect(Buffer.byteLength(JSON.stringify(piece))).toBeLessThan(512 << 10);
    expect(pieces.flatMap(({ results }) => results)).toHaveLength(3_000);
    expect(new Set(pieces.map(({ metadata }) => metadata.name)).size).toBe(pieces.length);
  });
});

describe('metrics', () => {
  test('count open findings by area and severity', () => {
    const text = [...renderPrometheus(report)].join('');
    expect(text).toContain('lakewarden_scan_findings_open{area="network",severity="critical"} 1\n');
    expect(text).toContain('lakewarden_scan_findings_open{area="network",severity="low"} 1\n');
    expect(text).toContain('lakewarden_scan_findings_waived 1\n');
    expect(text).toContain('lakewarden_scan_incomplete_scopes{system="kubernetes"} 1\n');
    expect(text).toContain('lakewarden_scan_last_timestamp_seconds 1795262400\n');
  });
});
