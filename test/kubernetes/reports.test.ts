import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeReports, type PolicyReport } from '#functions/compliance-scan/output/open-reports.ts';
import { makeClusterFinding, makeReport } from '../support/scan-report.ts';
import { ask, create, kubectl } from './admin.ts';

const namespace = `reports-${randomBytes(4).toString('hex')}`;

beforeAll(() => create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }));
afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']));

/** Applies on the server, which then refuses every field that its definition does not have. */
async function apply(report: PolicyReport): Promise<PolicyReport> {
  const { apiVersion, kind, metadata } = report;
  const inside = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  const path = `/apis/${apiVersion}${inside}/${kind.toLowerCase()}s/${metadata.name}`;
  const query = 'fieldManager=lakewarden&force=true&fieldValidation=Strict';
  return await ask<PolicyReport>('PATCH', `${path}?${query}`, report, { contentType: 'application/apply-patch+yaml' });
}

describe.each(['openreports.io/v1alpha1', 'wgpolicyk8s.io/v1alpha2'] as const)('reports of %s', (api) => {
  test('are taken by a real API server, in pieces that etcd can hold, and again without a change', async () => {
    const many = Array.from({ length: 2_000 }, (_, index) =>
      makeClusterFinding(`service-${index}`, { reason: 'x'.repeat(900) }, namespace),
    );
    const wide = makeClusterFinding('everywhere', {}, '');
    const reports = [...makeReports(makeReport({ findings: [...many, wide] }), { api })];
    const applied = [];
    for (const report of reports) applied.push(await apply(report));
    expect(applied.filter(({ metadata }) => metadata.namespace === namespace).length).toBeGreaterThan(3);
    expect(applied.reduce((sum, { results }) => sum + results.length, 0)).toBe(2_001);
    const again = await apply(reports[0] as PolicyReport);
    expect(again.metadata).toEqual(applied[0]?.metadata);
  }, 120_000);

  test('show what is waived, unknown and failing', async () => {
    const findings = [
      makeClusterFinding('a', {}, namespace),
      makeClusterFinding('b', { status: 'unknown' }, namespace),
      makeClusterFinding('c', { state: 'waived', waiver: 'until-spring' }, namespace),
    ];
    const [report] = makeReports(makeReport({ findings }), { api });
    const applied = await apply(report as PolicyReport);
    expect(applied.summary).toEqual({ pass: 0, fail: 1, warn: 0, error: 1, skip: 1 });
    expect(applied.results).toMatchObject([{ result: 'fail' }, { result: 'error' }, { result: 'skip' }]);
  });
});
