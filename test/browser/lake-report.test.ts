import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { LakeReport } from '../../cli/report/lake-report.ts';
import { renderPage } from '../../cli/report/page/page.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import { lakeReportOfText, reportOfTopics, topicFiles } from '../support/lake-report.ts';
import { barriersIn, type Look, openWindow, type Opened, startBrowser } from './browser.ts';

const browser = await startBrowser();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-lake-page-'));
const file = join(folder, 'lake.html');
const url = pathToFileURL(file).href;
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const hundredTopics = reportOfTopics(
  Array.from({ length: 100 }, (_, index) =>
    topicFiles(
      `topic-${index}`,
      720,
      (hour) => hour % 90,
      () => 200,
    ),
  ),
);

async function show(report: LakeReport, look?: Look): Promise<Opened> {
  const opened = await openWindow(browser, url, look);
  writeFileSync(file, renderPage(report));
  await opened.page.goto(url);
  return opened;
}

/** The fill of the first rectangle of each level of the scale, as luminance from 0 to 1. */
function scaleOf(page: Page): Promise<number[]> {
  return page.evaluate(`[1, 2, 3, 4, 5, 6].map((level) => {
    const [r, g, b] = getComputedStyle(document.querySelector('.scale .l' + level)).fill.match(/\\d+/g)
      .map((part) => (part / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  })`);
}

describe('everybody can read the page of the lake', () => {
  test.each([
    ['light', 1_100],
    ['dark', 1_100],
    ['light', 320],
  ] as const)('in %s colours, %i pixels wide', async (colorScheme, width) => {
    const { page, troubles } = await show(lakeReportOfText('w'.repeat(300)), { colorScheme, width });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await barriersIn(page)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test.each(['light', 'dark'] as const)(
    'by a scale that goes one way, without hues, in %s colours',
    async (colorScheme) => {
      const { page } = await show(lakeReportOfText('x'), { colorScheme });
      const scale = await scaleOf(page);
      const away = colorScheme === 'light' ? scale.toReversed() : scale;
      expect(away).toEqual(away.toSorted((a, b) => a - b));
      for (const [index, luminance] of away.slice(1).entries())
        expect((luminance + 0.05) / ((away[index] ?? 0) + 0.05)).toBeGreaterThan(1.25);
      await page.close();
    },
  );

  test('with keys alone: parts, pictures, and the numbers behind them', async () => {
    const { page } = await show(lakeReportOfText('x'));
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Files');
    await page.keyboard.press('Enter');
    const reached: unknown[] = [];
    for (let step = 0; step < 4; step += 1) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent'),
      );
    }
    const pictures = ['Files before, picture', 'Files now, picture', 'Size, picture'];
    expect(reached).toEqual([...pictures, 'The numbers of the pictures']);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('region', { name: 'Numbers of the pictures' }).isVisible()).toBe(true);
    await page.close();
  });

  test('by what assistive technology is told of a picture', async () => {
    const { page } = await show(reportOfTopics([topicFiles('clicks', 3, (hour) => hour * 7)]));
    const label = await page.getByRole('img', { name: /^Files now/ }).getAttribute('aria-label');
    expect(label).toBe(
      'Files now. 21 files of 1 topic by hour, 2026-11-01 00:00 to 2026-11-01 02:00. Most in clicks, 2026-11-01 02:00: 14 files.',
    );
    await page.close();
  });

  test('when it is printed, and when 100 topics have 720 hours', async () => {
    const { page, troubles } = await show(hundredTopics);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav').isVisible()).toBe(false);
    expect(await page.locator('figure.heat').count()).toBe(3);
    expect(troubles).toEqual([]);
    await page.close();
  });
});

describe('a page of the lake full of hostile text', () => {
  test('runs nothing, and asks for nothing', async () => {
    const { page, troubles } = await show(lakeReportOfText('harmless'));
    for (const text of hostileTexts) {
      writeFileSync(file, renderPage(lakeReportOfText(text)));
      await page.goto(url);
      expect([text, await page.evaluate('window.broken'), troubles]).toEqual([text, undefined, []]);
    }
    await page.close();
  });
});
