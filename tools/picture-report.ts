// Takes the pictures of pages that the documentation shows: node tools/picture-report.ts
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeReport } from '#functions/dead-letter-triage/report/make-report.ts';
import { renderPage as renderTriagePage } from '#functions/dead-letter-triage/report/page.ts';
import { renderPage as renderLakePage } from '../cli/report/page/page.ts';
import { startBrowser } from '../test/browser/browser.ts';
import { ordinaryLake } from '../test/support/ordinary-lake.ts';
import { ordinaryTrouble, reportOptions } from '../test/support/report-facts.ts';

const lakePage = renderLakePage(ordinaryLake());
const pictures = [
  { name: 'triage-report', html: renderTriagePage(makeReport(ordinaryTrouble(), reportOptions)), height: 1_150 },
  { name: 'lake-report', html: lakePage, height: 1_250 },
  { name: 'lake-report-dark', html: lakePage, height: 1_250, colorScheme: 'dark' },
] as const;

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-picture-'));
const browser = await startBrowser();
try {
  for (const { name, html, height, ...look } of pictures) {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const page = await browser.newPage({ viewport: { width: 1_000, height }, colorScheme: 'light', ...look });
    await page.goto(pathToFileURL(file).href);
    await page.screenshot({ path: `docs/${name}.png` });
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
