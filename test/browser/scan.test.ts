import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import { renderPage } from '#functions/compliance-scan/output/page/page.ts';
import { makeReport } from '../support/scan-report.ts';
import { startBrowser } from './browser.ts';

const browser = await startBrowser();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-scan-page-'));
const file = join(folder, 'scan.html');
writeFileSync(file, renderPage(makeReport()));
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('everybody can read the page of a scan', () => {
  test.each([
    ['light', 1_100],
    ['dark', 1_100],
    ['light', 380],
  ] as const)('in %s colours, %i pixels wide', async (colorScheme, width) => {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const troubles: string[] = [];
    page.on('request', (request) => request.url() !== pathToFileURL(file).href && troubles.push(request.url()));
    page.on('console', (message) => troubles.push(message.text()));
    await page.goto(pathToFileURL(file).href);
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.sums')).display`)).toBe('grid');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
    expect(troubles).toEqual([]);
    await page.close();
  });
});
