import { severities } from '../model/verdict.ts';
import type { Report, ReportFinding } from './report.ts';

/** Findings of one rule that are shown; the others are counted. */
const shownOfRule = 20;

/** The report for people at a terminal: the worst first, a chapter for each rule, what changed at the end. */
export function renderText(report: Report): string {
  const lines = [
    ...chapters(report),
    ...whatChanged(report),
    ...whatIsMissing(report),
    ...waivers(report),
    summary(report),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function chapters({ findings, rules }: Report): string[] {
  const open = findings.filter(({ state }) => state === 'open');
  const byRule = [...Map.groupBy(open, ({ rule }) => rule)];
  return byRule.flatMap(([id, own]) => {
    const rule = rules.find((one) => one.id === id);
    const shown = own.slice(0, shownOfRule).map((finding) => `  ${lineOf(finding)}`);
    const more = own.length > shownOfRule ? [`  … and ${own.length - shownOfRule} more`] : [];
    const remedy = rule === undefined ? [] : [`  → ${rule.remedy}`];
    const worst = severities.find((severity) => own.some((finding) => finding.severity === severity)) ?? 'info';
    return [`${worst.toUpperCase()}  ${id}: ${rule?.title ?? ''} (${own.length})`, ...shown, ...more, ...remedy, ''];
  });
}

function lineOf({ resource, part, status, reason, exposure, transition }: ReportFinding): string {
  const what = [resource.name, ...(part === undefined ? [] : [part])].join(' ');
  const place = placeOf(resource.place);
  const notes = [
    ...(place === '' ? [] : [place]),
    ...(resource.owner === undefined ? [] : [`owner ${resource.owner}`]),
    ...(exposure === undefined ? [] : [`exposure ${exposure}`]),
    ...(status === 'fail' ? [] : [status]),
    ...(transition === undefined ? [] : [transition.kind]),
  ];
  return `${what}: ${reason}${notes.length === 0 ? '' : ` [${notes.join(', ')}]`}`;
}

/** Where a thing is: the line of its file, or the parts of its place, outermost first. */
function placeOf({ file, line, apiVersion: _version, ...parts }: Readonly<Record<string, string>>): string {
  if (file !== undefined) return line === undefined ? file : `${file}:${line}`;
  return Object.values(parts).join('/');
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function whatChanged({ findings }: Report): string[] {
  const resolved = findings.filter(({ transition }) => transition?.kind === 'resolved');
  if (resolved.length === 0) return [];
  const shown = resolved.slice(0, shownOfRule);
  const lines = shown.map(({ rule, resource, because }) => `  ${rule}: ${resource.name} (${because ?? ''})`);
  const more = resolved.length > shown.length ? [`  … and ${resolved.length - shown.length} more`] : [];
  return [`RESOLVED since the last scan (${resolved.length})`, ...lines, ...more, ''];
}

function whatIsMissing({ scopes, problems }: Report): string[] {
  const incomplete = scopes.filter(({ complete }) => !complete);
  // One cause, such as a file that cannot be read, may break off very many listings.
  const causes = Map.groupBy(incomplete, ({ problem }) => problem?.message ?? '');
  const lines = [...causes].map(([message, [first, ...more]]) => {
    const others = more.length === 0 ? '' : ` and ${more.length} other listing${more.length === 1 ? '' : 's'}`;
    return `  ${first?.id ?? ''}${others}: ${message}`;
  });
  const others = problems.map(({ code, message }) => `  ${code}: ${message}`);
  if (lines.length + others.length === 0) return [];
  return ['NOT LOOKED AT: nothing is said of what is missing', ...lines, ...others, ''];
}

function waivers(report: Report): string[] {
  const ending = report.waivers.filter(({ state }) => state !== 'active');
  if (ending.length === 0) return [];
  const lines = ending.map(({ id, state, expires, owner }) => {
    const day = new Date(expires).toISOString().slice(0, 10);
    return `  ${id} of ${owner}: ${state === 'expired' ? 'ended' : 'ends'} ${day}`;
  });
  return ['WAIVERS', ...lines, ''];
}

function summary({ findings, scopes, score, complete }: Report): string {
  const open = findings.filter(({ state }) => state === 'open');
  const counts = severities
    .map((severity) => ({ severity, count: open.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`);
  const waived = findings.filter(({ state }) => state === 'waived').length;
  const changes = (kind: string): number => findings.filter(({ transition }) => transition?.kind === kind).length;
  const resources = scopes.reduce((all, scope) => all + scope.resources, 0);
  const parts = [
    `${open.length} open${counts.length === 0 ? '' : ` (${counts.join(', ')})`}`,
    `${waived} waived`,
    `${changes('opened')} new, ${changes('reopened')} back, ${changes('resolved')} resolved`,
    `${counted(resources, 'resource')} in ${counted(scopes.length, 'listing')}`,
    ...(score === undefined ? [] : [`score ${score}`]),
    ...(complete ? [] : ['INCOMPLETE']),
  ];
  return parts.join('; ');
}

/** Names in a lake must not steer a terminal, nor look like lines of ours. */
function printable(line: string): string {
  return line.replaceAll(
    // oxlint-disable-next-line no-control-regex -- controls are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
