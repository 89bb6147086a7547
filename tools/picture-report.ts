// Takes the picture of the report that the documentation shows: node tools/picture-report.ts
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeReport } from '#functions/dead-letter-triage/report/make-report.ts';
import { renderPage } from '#functions/dead-letter-triage/report/page.ts';
import { startBrowser } from '../test/browser/browser.ts';
import { ordinaryTrouble, reportOptions } from '../test/support/report-facts.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-picture-'));
const browser = await startBrowser();
try {
  const file = join(folder, 'report.html');
  writeFileSync(file, renderPage(makeReport(ordinaryTrouble(), reportOptions)));
  const page = await browser.newPage({ viewport: { width: 1_000, height: 1_150 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(file).href);
  await page.screenshot({ path: 'docs/triage-report.png' });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
