import { describe, expect, test } from '@jest/globals';
import { hostileTexts } from '../../support/hostile-texts.ts';
import { lakeReportOfText, reportOfTopics, topicFiles } from '../../support/lake-report.ts';
import { renderPage } from '../../../cli/report/page/page.ts';

/** Names of the elements, in order. */
function elements(page: string): string[] {
  return [...page.matchAll(/<(\w+)/g)].map(([, name = '']) => name);
}

describe('the page of the lake', () => {
  test.each(hostileTexts)('has the same elements with names and texts like %j', (text) => {
    // The picture sorts topics by name, and shows a cell in another order.
    expect(elements(renderPage(lakeReportOfText(text))).toSorted()).toEqual(
      elements(renderPage(lakeReportOfText('plain'))).toSorted(),
    );
  });

  test('stays small with names of 10,000 letters', () => {
    expect(renderPage(lakeReportOfText('ñ'.repeat(10_000))).length).toBeLessThan(300_000);
  });

  test('shows 100 topics of 720 hours in less than 2 MB', () => {
    const topics = Array.from({ length: 100 }, (_, index) =>
      topicFiles(
        `topic-${index}`,
        720,
        (hour) => hour % 90,
        () => 200,
      ),
    );
    const page = renderPage(reportOfTopics(topics));
    expect(page.length).toBeLessThan(2_000_000);
    expect(page).toContain('<h3>Files before</h3>');
  });

  test('shows each number of a small lake', () => {
    const page = renderPage(reportOfTopics([topicFiles('clicks', 3, (hour) => hour * 7)]));
    expect(page).toContain('clicks, 2026-11-01 02:00: 14 files');
    expect(page).toContain('clicks, 2026-11-01 00:00: 0 files');
    expect(page).toContain('21 files of 1 topic by hour, 2026-11-01 00:00 to 2026-11-01 02:00.');
    expect(page).not.toContain('Files before</h3>');
  });

  test('says so where nothing is known, and calls none of it fine', () => {
    const away = { state: 'unknown', reason: 'hdfs.unavailable: it did not answer' } as const;
    const page = renderPage(reportOfTopics([], { files: away, tables: away, compliance: away }));
    expect(page).toContain('Not everything could be looked at');
    expect(page.match(/hdfs\.unavailable: it did not answer/g)).toHaveLength(6);
    expect(page).toContain('<dd>unknown</dd>');
    expect(page).toContain('Not looked at: no settings of dead-letter-triage.');
  });

  test.each([
    ['no topic', reportOfTopics([])],
    ['a topic without a folder', reportOfTopics([topicFiles('empty', 0)])],
    ['folders without files', reportOfTopics([topicFiles('empty', 5, () => 0)])],
    [
      'folders of the year 9999',
      reportOfTopics([
        { ...topicFiles('far', 1), cells: [{ ...topicFiles('far', 1).cells[0], label: '9999-12-31T23' }] } as never,
      ]),
    ],
  ])('can be made of a lake with %s', (_, report) => {
    expect(renderPage(report)).toMatch(/<\/html>\s*$/);
  });

  test('tells no more history than there is', () => {
    const same = renderPage(
      reportOfTopics([
        topicFiles(
          't',
          3,
          () => 4,
          () => 4,
        ),
      ]),
    );
    expect(same).toContain('Nowhere are fewer files than an earlier report saw.');
    const fewer = renderPage(
      reportOfTopics([
        topicFiles(
          't',
          3,
          () => 1,
          () => 4,
        ),
      ]),
    );
    expect(fewer).toContain('12 files of 1 topic');
    expect(fewer).toContain('3 files of 1 topic');
  });
});
