import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** Starts the Chromium of this machine, without a window; whoever starts it closes it. */
export function startBrowser(): Promise<Browser> {
  // Root has no sandbox to go into.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: findChromium(), args });
}

/** How a page is looked at. */
export interface Look {
  readonly colorScheme?: 'light' | 'dark';
  /** Of the window, in pixels. */
  readonly width?: number;
}

/** A window, and what its page asks for besides `url` and what the browser complains about. */
export interface Opened {
  readonly page: Page;
  readonly troubles: string[];
}

/** Opens an empty window for the page at an address. */
export async function openWindow(
  browser: Browser,
  url: string,
  { colorScheme = 'light', width = 1_100 }: Look = {},
): Promise<Opened> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  const troubles: string[] = [];
  page.on('request', (request) => request.url() !== url && troubles.push(request.url()));
  page.on('console', (message) => troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(String(error)));
  return { page, troubles };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What keeps people from reading a page, by the rules of axe, with everything on it unfolded: rules and elements. */
export async function barriersIn(page: Page): Promise<string[][]> {
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}

function findChromium(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
  if (found === undefined) throw new Error('Chromium is not installed: sh tools/prerequisites.sh browser tells how');
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
