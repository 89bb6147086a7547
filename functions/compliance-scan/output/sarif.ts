import type { Severity } from '../model/verdict.ts';
import { stringify } from './json.ts';
import type { Report, ReportFinding } from './report.ts';
import { rulesById } from './rules-by-id.ts';

const levels = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
} as const satisfies Record<Severity, string>;
/** What code scanning services sort by: a number as in CVSS. */
const scores = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0', info: '1.0' } as const;

/**
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html): fingerprints are finding ids, `baselineState` what
 * this scan saw happen, `suppressions` waivers. In pieces, since reports can be long.
 */
export function* renderSarif(report: Report): Generator<string> {
  const ruleOf = rulesById(report);
  const ids = [...new Set([...report.rules.map(({ id }) => id), ...report.findings.map(({ rule }) => rule)])];
  const indexes = new Map(ids.map((id, index) => [id, index]));
  const run = {
    tool: {
      driver: {
        name: 'Lakewarden compliance-scan',
        rules: ids.map((id) => describeRule(ruleOf(id))),
      },
    },
    automationDetails: { id: `lakewarden/${report.instance}/` },
    invocations: [
      {
        executionSuccessful: report.complete,
        startTimeUtc: new Date(report.started).toISOString(),
        endTimeUtc: new Date(report.ended).toISOString(),
        toolExecutionNotifications: notificationsOf(report),
      },
    ],
  };
  const head = stringify(run).slice(0, -1);
  yield `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[${head},"results":[`;
  for (const [index, finding] of report.findings.entries())
    yield `${index === 0 ? '' : ','}\n${stringify(resultOf(finding, indexes.get(finding.rule) ?? -1))}`;
  yield '\n]}]}\n';
}

function describeRule({ id, title, why, remedy, controls, severity, area }: ReturnType<ReturnType<typeof rulesById>>) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: remedy },
    ...(severity === undefined ? {} : { defaultConfiguration: { level: levels[severity] } }),
    properties: {
      ...(severity === undefined ? {} : { 'security-severity': scores[severity] }),
      tags: [
        ...(area === undefined ? [] : [area]),
        ...Object.entries(controls).flatMap(([standard, ones]) => ones.map((one) => `${standard}/${one}`)),
      ],
    },
  };
}

function notificationsOf({ scopes, problems }: Report) {
  const unseen = scopes.filter(({ complete }) => !complete);
  return [
    ...unseen.map(({ id, problem }) => ({
      level: 'error',
      message: { text: `${id} was not read whole: ${problem?.message ?? 'the time was over'}` },
      descriptor: { id: problem?.code ?? 'scope.incomplete' },
    })),
    ...problems.map(({ code, message }) => ({
      level: 'warning',
      message: { text: message },
      descriptor: { id: code },
    })),
  ];
}

function resultOf(finding: ReportFinding, ruleIndex: number) {
  const { resource, evidence, exposure } = finding;
  return {
    ruleId: finding.rule,
    ruleIndex,
    // A resource that could not be judged is no failure, and no pass either.
    kind: finding.status === 'fail' ? 'fail' : 'open',
    level: finding.status === 'fail' ? levels[finding.severity] : 'none',
    message: { text: finding.reason },
    locations: [locationOf(finding)],
    partialFingerprints: { 'lakewardenFinding/v1': finding.id },
    baselineState: baselineOf(finding),
    ...(finding.state === 'waived'
      ? { suppressions: [{ kind: 'external', status: 'accepted', justification: `waiver ${finding.waiver ?? ''}` }] }
      : {}),
    properties: {
      firstSeen: new Date(finding.firstSeen).toISOString(),
      ...(resource.owner === undefined ? {} : { owner: resource.owner }),
      ...(exposure === undefined ? {} : { exposure }),
      ...(evidence === undefined ? {} : { evidence }),
    },
  };
}

/** Resources have no line in a file, unless they come from one: then it is shown where reviewers look. */
function locationOf({ resource }: ReportFinding) {
  const { file, line } = resource.place;
  const logical = { name: resource.name, fullyQualifiedName: resource.uid, kind: 'resource' };
  if (file === undefined) return { logicalLocations: [logical] };
  const startLine = Number(line ?? 1);
  return {
    physicalLocation: {
      artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
      region: { startLine: Number.isSafeInteger(startLine) && startLine > 0 ? startLine : 1 },
    },
    logicalLocations: [logical],
  };
}

function baselineOf({ state, transition }: ReportFinding): string {
  if (state === 'resolved') return 'absent';
  if (transition === undefined) return 'unchanged';
  return transition.kind === 'opened' || transition.kind === 'reopened' ? 'new' : 'updated';
}
