import { expect, test } from '@jest/globals';
import { renderText } from '#functions/compliance-scan/output/text.ts';
import { makeReport } from '../../../support/scan-report.ts';

test('what broke off many listings is told once, with the first of them and how many more', () => {
  const problem = { code: 'inventory.incomplete', message: 'manifests that could not be read: broken.yaml' } as const;
  const scopes = ['Pod', 'Role', 'Service'].map((kind) => ({
    id: `kubernetes/manifests/*/${kind}`,
    kind: `kubernetes.${kind}`,
    complete: false,
    resources: 0,
    problem,
  }));
  const text = renderText(makeReport({ scopes }));
  expect(text).toContain(
    'kubernetes/manifests/*/Pod and 2 other listings: manifests that could not be read: broken.yaml\n',
  );
  expect(text.split('broken.yaml')).toHaveLength(2);
  expect(renderText(makeReport({ scopes: scopes.slice(0, 1) }))).toContain('kubernetes/manifests/*/Pod: manifests');
});
