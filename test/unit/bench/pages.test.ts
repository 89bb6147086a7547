import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { insertBlock } from '../../../bench/block.ts';
import { renderHighlights } from '../../../bench/highlights.ts';
import { renderResults, type Result } from '../../../bench/results.ts';
import { largeLake, readCosts, renderPlan } from '../../../bench/scale/plan.ts';

const folder = 'bench/results';
const results = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Result);

test.each([
  ['README.md', 'figures', () => renderHighlights(results)],
  ['docs/scale.md', 'plan', () => renderPlan(largeLake, readCosts(results))],
])('%s has its figures (%s) from the results of benchmarks, not by hand', (page, name, render) => {
  const text = readFileSync(page, 'utf8');
  expect(text).toBe(insertBlock(text, name, render()));
});

test('the page of results says what the files of results say', () => {
  expect(readFileSync(`${folder}/README.md`, 'utf8')).toBe(renderResults(results));
});

test('a page without the place for figures is told', () => {
  expect(() => insertBlock('nothing', 'plan', '')).toThrow('no place between <!-- plan -->');
});
