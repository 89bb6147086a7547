import { visible } from '#shared/page/markup.ts';
import type { GroupReport, Report } from './report.ts';
import { amount, count, shortTime, span } from '#shared/page/times.ts';

const mostGroups = 10;
const longestMessage = 160;

/** The report in few lines of Markdown, for a chat or an issue. Nothing in it links, notifies or formats but what we mean to. */
export function renderMarkdown(report: Report): string {
  const { totals, groups, topics } = report;
  const shown = groups.slice(0, mostGroups).filter(({ state }) => state === 'open');
  const more = totals.openGroups - shown.length;
  const threats = topics.flatMap(({ topic, threat, lost }) => [
    ...(threat?.isNear !== true
      ? []
      : [
          `- Retention deletes unhandled letters of ${code(topic)} ${threat.leftMs === 0 ? 'at any time' : `in ${span(threat.leftMs)}`}.`,
        ]),
    ...(lost === '0' ? [] : [`- Deleted unhandled from ${code(topic)}: at most ${count(lost, 'letter')}.`]),
  ]);
  const lines = [
    `## Dead letters, ${shortTime(report.madeAt)} UTC`,
    '',
    `${count(totals.openGroups, 'open group')} with ${count(totals.openLetters, 'letter')}; ${amount(totals.unread)} not looked at yet.`,
    ...(threats.length === 0 ? [] : ['', ...threats]),
    ...(shown.length === 0
      ? []
      : [
          '',
          '| letters | an hour | since | cause | to do | group | what |',
          '|--:|--:|---|---|---|---|---|',
          ...shown.map(renderRow),
        ]),
    ...(more > 0 ? ['', `And ${count(more, 'open group')} more.`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function renderRow(group: GroupReport): string {
  const cells = [
    amount(group.openLetters),
    amount(group.perHour),
    shortTime(group.firstSeen),
    code(group.class),
    group.action,
    `${code(group.id)} in ${code(group.topic)}, ${code(group.about.component)}`,
    code(group.title),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A code span, within which nothing else has a meaning; its fence is longer than any within. Cut, and on one line. */
function code(text: string): string {
  const line = visible(text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text).replaceAll(
    /\s+/g,
    ' ',
  );
  // Within a table a bar ends the cell even in code, unless it is escaped.
  const inner = line.trim().replaceAll('|', String.raw`\|`);
  if (inner === '') return '–';
  const longest = Math.max(0, ...[...inner.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${inner}${fence}` : `${fence} ${inner} ${fence}`;
}
