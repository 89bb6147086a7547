import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { ReportFacts } from '#functions/dead-letter-triage/report/facts.ts';
import { makeReport } from '#functions/dead-letter-triage/report/make-report.ts';
import { visible } from '#shared/page/markup.ts';
import { renderPage } from '#functions/dead-letter-triage/report/page.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import {
  makeGroup,
  makePartition,
  ordinaryTrouble,
  reportOfText,
  reportOptions,
  reportTime,
} from '../support/report-facts.ts';
import { barriersIn, type Look, openWindow, type Opened, startBrowser } from './browser.ts';

const browser = await startBrowser();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-page-'));
const file = join(folder, 'report.html');
const url = pathToFileURL(file).href;
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const open = (look?: Look): Promise<Opened> => openWindow(browser, url, look);

async function show(page: Page, facts: ReportFacts): Promise<void> {
  writeFileSync(file, renderPage(makeReport(facts, reportOptions)));
  await page.goto(url);
}

/** The number of elements of each kind. */
function countElements(page: Page): Promise<Record<string, number>> {
  return page.evaluate(`Object.fromEntries([...Map.groupBy(document.querySelectorAll('*'), (one) => one.tagName)]
    .map(([name, all]) => [name, all.length]).sort())`);
}

describe('a page full of hostile text', () => {
  test('has the same elements as any other, runs nothing, asks for nothing, and shows the text', async () => {
    const { page, troubles } = await open();
    await show(page, reportOfText('harmless words'));
    const harmless = await countElements(page);
    for (const text of hostileTexts) {
      await show(page, reportOfText(text));
      expect([text, await countElements(page)]).toEqual([text, harmless]);
      expect([text, await page.evaluate('window.broken'), troubles]).toEqual([text, undefined, []]);
      const [group] = makeReport(reportOfText(text), reportOptions).groups;
      // HTML leaves out the first line break of a pre.
      const frames = visible(group?.about.frames.join('\n') ?? '').replace(/^\n/, '');
      expect(await page.locator('h4:has-text("Where it failed") + pre').first().textContent()).toBe(frames);
    }
    await page.close();
  });

  test('would run no script even if one got into it', async () => {
    const { page } = await open();
    await show(page, ordinaryTrouble());
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'window.broken = 1';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.broken = 1">');
    }`);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    await page.close();
  });
});

describe('everybody can read the page', () => {
  test.each(['light', 'dark'] as const)('in %s colours, with all groups open', async (colorScheme) => {
    // Tools for tests come in past the policy, which stays as it is in the page.
    const { page } = await open({ colorScheme });
    await show(page, ordinaryTrouble());
    expect(await barriersIn(page)).toEqual([]);
    await page.close();
  });

  test('with keys alone', async () => {
    const { page } = await open();
    await show(page, ordinaryTrouble());
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Groups');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.parentElement.open')).toBe(false);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await page.evaluate('document.activeElement.parentElement.open')).toBe(true);
    await page.close();
  });

  test.each([320, 1_100, 2_000])('in a window of %i pixels, without moving it sideways', async (width) => {
    const { page } = await open({ width });
    await show(page, reportOfText('w'.repeat(3_000)));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await page.close();
  });

  test('when there are 10,000 groups', async () => {
    const groups = Array.from({ length: 10_000 }, (_, index) =>
      makeGroup({ id: `v1:${index}`, about: { message: `m${index}` } }),
    );
    const { page } = await open();
    await show(page, { now: reportTime, partitions: [makePartition(groups)] });
    expect(await page.locator('.groups > li').count()).toBe(reportOptions.groups);
    await page.close();
  });

  test('by what assistive technology is told', async () => {
    const { page } = await open();
    await show(page, ordinaryTrouble());
    expect(await page.getByRole('img').getAttribute('aria-label')).toMatch(
      /^Letters per hour\. [\d,]+ letters in the last 48 hours/,
    );
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toContain(
      'Retention deletes unhandled letters',
    );
    await page.close();
  });
});
