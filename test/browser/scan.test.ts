import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { renderPage } from '#functions/compliance-scan/output/page/page.ts';
import { makeReport } from '../support/scan-report.ts';
import { barriersIn, openWindow, startBrowser } from './browser.ts';

const browser = await startBrowser();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-scan-page-'));
const file = join(folder, 'scan.html');
const url = pathToFileURL(file).href;
writeFileSync(file, renderPage(makeReport()));
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

describe('everybody can read the page of a scan', () => {
  test.each([
    ['light', 1_100],
    ['dark', 1_100],
    ['light', 380],
  ] as const)('in %s colours, %i pixels wide', async (colorScheme, width) => {
    const { page, troubles } = await openWindow(browser, url, { colorScheme, width });
    await page.goto(url);
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.sums')).display`)).toBe('grid');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await barriersIn(page)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.close();
  });
});
