import { renderNumber, type Result } from './results.ts';

/** Figures for the front page: benchmark, row, and how the row is called there. */
const highlights = [
  [
    'few-files',
    'event to answer, in a running function',
    '3 new files in a table of 100,000 partitions, by their event',
  ],
  ['nothing-new', 'a look at the newest partitions (what cron does)', 'nothing new in 20,000 partitions, as cron asks'],
  ['register-2016', 'registering alone, footers already read', '2,016 new partitions are registered'],
  [
    'register-20000',
    'all: folders, files, footers, table, partitions',
    '20,000 new partitions, with their footers read',
  ],
  [
    'concat',
    'event to answer, each piece verified after the merge (the default)',
    '1,000 small files become one, verified',
  ],
  ['concat', 'bytes written', 'bytes written for that'],
  ['scan-aws', 'processor time', '8,500 resources of AWS are judged'],
  ['scan-aws', 'groups open to the world that are missed', 'open groups that are missed'],
  ['replay', 'from the start of the program to its end', '30,000 dead letters go back, exactly once'],
  ['dead-letters', 'from the broker to the group, by processor time', 'dead letters with stack traces are grouped'],
] as const;

/** The table of the front page, with what is worse than the peer as plainly as what is better. */
export function renderHighlights(results: readonly Result[]): string {
  const lines = highlights.map(([name, work, title]) => {
    const result = results.find((one) => one.name === name);
    const row = result?.rows.find((one) => one.work === work);
    if (result === undefined || row === undefined) throw new Error(`bench/results has no figure "${work}" of ${name}`);
    const peer = result.peer.split(/[,:;(|]/)[0]?.trim() ?? '';
    const told = (value: number | undefined): string =>
      value === undefined ? '–' : `${renderNumber(value)} ${row.unit}`;
    const beside = row.peer === undefined ? '–' : `${told(row.peer)} (${peer})`;
    return `| ${title} | ${told(row.ours)} | ${beside} | ${row.ratio === undefined ? '–' : `${renderNumber(row.ratio)}×`} |`;
  });
  return ['| | Lakewarden | beside it | ratio |', '|---|---:|---:|---:|', ...lines].join('\n');
}
