import type { Settings } from '#functions/compliance-scan/config.ts';
import { makeReport } from '#functions/compliance-scan/output/make-report.ts';
import type { ReportFinding } from '#functions/compliance-scan/output/report.ts';
import { openScan, prepareRun } from '#functions/compliance-scan/scan/open-scan.ts';
import type { ScopeOutcome } from '#functions/compliance-scan/scan/scan-batch.ts';
import { sweep } from '#functions/compliance-scan/scan/sweep.ts';
import type { ComplianceFacts, FindingFacts } from './lake-report.ts';
import type { PartTools } from './parts.ts';
import type { Named } from './snapshot.ts';

/** Systems by the names of their sources, as the other parts call them. */
const systems: Readonly<Record<string, string>> = { hdfs: 'HDFS', hive: 'metastore', kafka: 'Kafka' };

/** Rules and unread listings that are shown. */
const shownRules = 12;
const shownListings = 20;
/** Findings that the next report is told of. */
const rememberedFindings = 2_000;

/** Scans as a dry run: findings that are kept are read, and nothing is written or told. */
export async function collectCompliance(
  settings: Settings,
  { signal, hasTime, count }: PartTools,
): Promise<{ facts: ComplianceFacts; known: Named[] }> {
  const open = await openScan(settings);
  try {
    for (const source of open.sources)
      if (source.calls !== undefined) count(systems[source.name] ?? source.name, () => source.calls ?? 0);
    const started = Date.now();
    const scopes: ScopeOutcome[] = [];
    const onScope = (scope: ScopeOutcome): void => void scopes.push(scope);
    const { tools, problems } = await prepareRun(open, { now: started, signal, hasTime, onScope });
    const outcome = await sweep({}, tools);
    const { counts, waivers } = tools;
    const parts = { instance: 'cli', started, ended: Date.now(), rules: open.rules, counts, waivers, scopes, outcome };
    const report = makeReport({ ...parts, problems });
    const found = report.findings.filter(({ state }) => state === 'open').slice(0, rememberedFindings);
    return { facts: tellFacts(report), known: found.map(({ id, reason }) => ({ id, text: reason })) };
  } finally {
    await open.close();
  }
}

function tellFacts(report: ReturnType<typeof makeReport>): ComplianceFacts {
  const open = report.findings.filter(({ state }) => state === 'open');
  const counts = new Map<string, number>();
  for (const { severity } of open) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  // Findings come the worst first, and so do the rules that found them.
  const shown = [...Map.groupBy(open, ({ rule }) => rule).values()].slice(0, shownRules);
  const unread = report.scopes.filter(({ complete }) => !complete);
  const told = [
    ...unread.map(({ id, problem }) => `${id}: ${problem?.message ?? 'the time was over'}`),
    ...report.problems.map(({ message }) => message),
  ];
  return {
    ...(report.score === undefined ? {} : { score: report.score }),
    isComplete: report.complete,
    rules: report.rules.length,
    resources: report.scopes.reduce((sum, { resources }) => sum + resources, 0),
    unread:
      told.length > shownListings ? [...told.slice(0, shownListings), `and ${told.length - shownListings} more`] : told,
    open: Object.fromEntries(counts),
    waived: report.findings.filter(({ state }) => state === 'waived').length,
    areas: report.areas.map(({ area, score, counts: { fail } }) => ({
      area,
      fail,
      ...(score === undefined ? {} : { score }),
    })),
    findings: shown.flatMap(([first, ...alike]) =>
      first === undefined ? [] : [{ ...findingOf(first), alike: alike.length }],
    ),
    otherFindings: open.length - shown.reduce((sum, { length }) => sum + length, 0),
  };
}

function findingOf({ id, severity, rule, resource, reason }: ReportFinding): Omit<FindingFacts, 'alike'> {
  return { id, severity, rule, kind: resource.kind, resource: resource.name, reason };
}
