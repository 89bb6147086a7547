import { describe, expect, test } from '@jest/globals';
import { hostileTexts } from '../../support/hostile-texts.ts';
import { lakeReportOfText, objectionsTo, reportOfTopics, reportSchema } from '../../support/lake-report.ts';

const whole = lakeReportOfText('x');

/** All names of fields in a value, or in what a schema describes. */
function namesIn(value: unknown, isSchema: boolean): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => namesIn(one, isSchema));
  return Object.entries(value).flatMap(([name, below]) => {
    if (!isSchema) return [name, ...namesIn(below, false)];
    return name === 'properties' ? [...Object.keys(below as object), ...namesIn(below, true)] : namesIn(below, true);
  });
}

describe('what --json writes', () => {
  test.each(hostileTexts)('fits its schema with names and texts like %j', (text) => {
    expect(objectionsTo(JSON.parse(JSON.stringify(lakeReportOfText(text))))).toEqual([]);
  });

  test('fits it where nothing is known', () => {
    const away = { state: 'unknown', reason: 'hdfs.unavailable' } as const;
    expect(objectionsTo(reportOfTopics([], { files: away, tables: away }))).toEqual([]);
  });

  test.each([
    ['a field that no reader knows', { ...whole, mood: 'fine' }],
    ['a part that is missing', { ...whole, files: undefined }],
    ['a part that is fine and has no facts', { ...whole, letters: { state: 'read' } }],
    ['facts of what could not be read', { ...whole, files: { ...whole.files, state: 'unknown', reason: 'away' } }],
    ['another version', { ...whole, version: 2 }],
  ])('does not fit with %s', (_, report) => {
    expect(objectionsTo(JSON.parse(JSON.stringify(report)))).not.toEqual([]);
  });

  test('has no field that the schema describes and no report has', () => {
    const told = new Set(namesIn(whole, false));
    const first = JSON.stringify(reportOfTopics([]));
    expect(namesIn(reportSchema, true).filter((name) => !told.has(name) && !first.includes(`"${name}"`))).toEqual([]);
  });
});
