import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { foldLetters } from '#functions/dead-letter-triage/group/fold.ts';
import { hourMs } from '#functions/dead-letter-triage/group/group.ts';
import { judgeLetter } from '#functions/dead-letter-triage/classify/judge-letter.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { makeSample } from '#functions/dead-letter-triage/privacy/sample.ts';
import { renderMarkdown } from '#functions/dead-letter-triage/report/markdown.ts';
import { readReplay } from '#functions/dead-letter-triage/replay/plan-schema.ts';
import { makeReport } from '#functions/dead-letter-triage/report/make-report.ts';
import { renderPage } from '#functions/dead-letter-triage/report/page.ts';
import { RuleBook } from '#functions/dead-letter-triage/classify/rules.ts';
import { connectHeaders, deadRecord, failure, headers } from '../../support/dead-letters.ts';
import { hostileTexts } from '../../support/hostile-texts.ts';
import {
  makeGroup,
  makePartition,
  ordinaryTrouble,
  reportOfText,
  reportOptions,
  reportTime,
} from '../../support/report-facts.ts';
import { secretTexts } from '../../support/secrets.ts';

const schema = JSON.parse(readFileSync('functions/dead-letter-triage/report/report.schema.json', 'utf8')) as Record<
  string,
  unknown
>;
const fits = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

function outputs(facts: ReturnType<typeof ordinaryTrouble>): { page: string; markdown: string; json: string } {
  const report = makeReport(facts, reportOptions);
  return { page: renderPage(report), markdown: renderMarkdown(report), json: JSON.stringify(report) };
}

const tagsOf = (page: string): string[] => page.match(/<[^>]*>/g)?.map((tag) => tag.replaceAll(/="[^"]*"/g, '')) ?? [];

describe('data', () => {
  test('fits its schema', () => {
    for (const facts of [ordinaryTrouble(), { now: reportTime, partitions: [] }, reportOfText('x'), reportOfText('')]) {
      fits(JSON.parse(outputs(facts).json));
      expect(fits.errors ?? []).toEqual([]);
    }
  });
});

describe('the page', () => {
  const harmless = tagsOf(outputs(reportOfText('harmless words')).page);

  test.each(hostileTexts)('has the same elements with %j in it', (text) => {
    expect(tagsOf(outputs(reportOfText(text)).page)).toEqual(harmless);
  });

  test('has the same elements with any text in it', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((any) => any.trim() !== '');
    fc.assert(
      fc.property(text, (any) => {
        const tags = tagsOf(outputs(reportOfText(`${any}-`)).page);
        // oxlint-disable-next-line jest/no-standalone-expect -- within a test
        expect(tags).toEqual(harmless);
      }),
      { numRuns: 20 },
    );
  });

  test('of 10,000 groups has room for those that matter', () => {
    const groups = Array.from({ length: 10_000 }, (_, index) =>
      makeGroup({ id: `v1:${index}`, hours: [1, 2, 3], about: { message: `word${index} of ${index}` } }),
    );
    const { page, markdown } = outputs({ now: reportTime, partitions: [makePartition(groups)] });
    expect(page).toContain('9,900 groups more');
    expect(page.length).toBeLessThan(1_000_000);
    expect(markdown).toContain('And 9,990 open groups more');
    expect(markdown.length).toBeLessThan(10_000);
  });

  test('without letters says so', () => {
    expect(outputs({ now: reportTime, partitions: [] }).page).toContain('No dead letters');
  });
});

describe('Markdown', () => {
  const shapeOf = (markdown: string): number[] =>
    markdown.split('\n').map((line) => (line.startsWith('|') ? line.split(/(?<!\\)\|/).length : 0));
  const harmless = shapeOf(outputs(reportOfText('harmless words')).markdown);

  test.each(hostileTexts)('keeps its rows and cells with %j in it, which stands in code only', (text) => {
    const { markdown } = outputs(reportOfText(text));
    expect(shapeOf(markdown)).toEqual(harmless);
    const outside = markdown.replaceAll(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    expect(outside).toMatch(/^[\w\s.,:;#|–-]*$/);
  });
});

describe('commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-report-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  for (const name of ['kafka-console-consumer.sh', 'lakewarden']) {
    const tool = join(folder, name);
    writeFileSync(tool, String.raw`#!/bin/sh${'\n'}printf '%s\0' "$@"${'\n'}`);
    chmodSync(tool, 0o755);
  }

  test.each(hostileTexts.filter((text) => !text.includes('\0')))('are safe to paste with %j in them', (text) => {
    const [group] = makeReport(reportOfText(text), reportOptions).groups;
    const PATH = `${folder}:${process.env.PATH}`;
    const commands = (group?.next ?? []).map(({ command = '' }) => command).join('\n');
    const words = execFileSync('sh', ['-c', commands], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH, BROKERS: 'b:1' },
    }).split('\0');
    // The topic to look into, and the topic and the group to resolve.
    expect(words.filter((word) => word === text.toWellFormed())).toHaveLength(3);
    expect(existsSync('/tmp/broken')).toBe(false);
  });
});

describe('secrets of letters', () => {
  test.each(secretTexts)('such as in %j are in no report', (text, part) => {
    const told = {
      ...failure,
      message: text,
      stack: `a.B: x\n\tat a.B.c(B.java:1)\nCaused by: a.C: ${text}\n\tat a.C.d(C.java:2)`,
    };
    const record = deadRecord({
      key: Buffer.from(text),
      value: Buffer.from(JSON.stringify({ note: text })),
      timestamp: BigInt(reportTime - 1_000),
      headers: [...connectHeaders(told), ...headers(['note', text])],
    });
    const letters = [record, { ...record, offset: 13n, headers: headers(['reason', text]) }].map((one) =>
      readLetter(one),
    );
    const findings = letters.map((letter) => ({
      ...judgeLetter(letter, {}, new RuleBook([])),
      offset: letter.record.offset,
      timestamp: letter.record.timestamp,
      sample: () => makeSample(letter),
    }));
    const { changed } = foldLetters({ next: 0n, groups: new Map() }, findings);
    expect(changed.size).toBeGreaterThan(0);
    const facts = { now: reportTime, partitions: [makePartition([...changed.values()])] };
    for (const output of Object.values(outputs(facts))) expect(output.toLowerCase()).not.toContain(part.toLowerCase());
  });

  test.each(secretTexts)('such as in %j are in no report although their writer masked nothing', (text, part) => {
    const [partition] = reportOfText(text).partitions;
    const groups = (partition?.groups ?? []).map((group, index) => ({
      ...group,
      id: `v1:${index}`,
      samples: group.samples.map((sample) => ({ ...sample, place: 'x.dlq/0/1' })),
    }));
    const facts = { now: reportTime, partitions: [makePartition(groups)] };
    for (const output of Object.values(outputs(facts))) expect(output.toLowerCase()).not.toContain(part.toLowerCase());
  });
});

describe('prepared replays', () => {
  const stepsOf = (wish: Parameters<typeof makeGroup>[0], topic = 'orders.dlq') => {
    const [group] = makeReport(
      { now: reportTime, partitions: [makePartition([makeGroup(wish)], { topic })] },
      reportOptions,
    ).groups;
    return group?.next ?? [];
  };
  const fileOf = (steps: ReturnType<typeof stepsOf>) => steps.flatMap(({ file }) => file ?? [])[0];

  test.each(['replay', 'replay-after-fix', 'transform'] as const)('for %s are what replay plan reads', (action) => {
    const file = fileOf(stepsOf({ verdict: { action } }));
    expect(readReplay(file?.content ?? '', file?.name ?? '').filter).toMatchObject({
      topic: 'orders.dlq',
      fingerprints: ['v1:0123456789abcdef'],
      times: {},
    });
  });

  test.each(['quarantine', 'discard', 'escalate'] as const)('are not there for %s', (action) => {
    expect(fileOf(stepsOf({ verdict: { action } }))).toBeUndefined();
  });

  test('of a group that came back leave out letters that were handled', () => {
    const file = fileOf(
      stepsOf({ verdict: { action: 'replay' }, hours: [9, 4, 0, 0, 100], rest: { episode: 2, episodeCount: 13 } }),
    );
    const { times } = readReplay(file?.content ?? '', '').filter;
    expect(times).toEqual({ from: BigInt((Math.floor(reportTime / hourMs) - 1) * hourMs) });
  });

  test('have names that are fit for files, whatever topics are called', () => {
    for (const topic of [`${'x'.repeat(240)}.dlq`, '..', '-rf', 'a_b.c-d']) {
      const file = fileOf(stepsOf({ verdict: { action: 'replay' } }, topic));
      expect(file?.name).toMatch(/^\w[\w.-]{0,79}\.yaml$/);
      expect(readReplay(file?.content ?? '', '').filter.topic).toBe(topic);
    }
  });
});
