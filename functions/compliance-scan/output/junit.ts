import type { Report, ReportFinding } from './report.ts';

/**
 * JUnit's XML as CI servers read it: a suite for each area, a test case for each rule that judged something; its failures are
 * what fails and is not waived, its errors what could not be judged. A listing that is not complete is an error of its own.
 */
export function* renderJunit(report: Report): Generator<string> {
  const seconds = Math.max(0, report.ended - report.started) / 1_000;
  const open = Map.groupBy(
    report.findings.filter(({ state }) => state === 'open'),
    ({ rule }) => rule,
  );
  const suites = [...Map.groupBy(report.rules, ({ area }) => area)].map(([area, rules]) => ({
    name: area as string,
    cases: rules.map(({ id, title }) => caseOf(area, id, title, open.get(id) ?? [])),
  }));
  const unseen = report.scopes.filter(({ complete }) => !complete);
  const listed = unseen.map(({ id, problem }) => ({
    text: `<testcase classname="listings" name="${escapeXml(id)}" time="0"><error type="${escapeXml(problem?.code ?? 'scope.incomplete')}" message="${escapeXml(problem?.message ?? 'not read whole')}"/></testcase>`,
    failed: false,
    broken: true,
  }));
  if (listed.length > 0) suites.push({ name: 'listings', cases: listed });
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n';
  for (const [index, { name, cases }] of suites.entries()) {
    const failures = cases.filter(({ failed }) => failed).length;
    const errors = cases.filter(({ broken }) => broken).length;
    const time = new Date(report.started).toISOString().slice(0, 19);
    yield `<testsuite name="lakewarden.${escapeXml(name)}" id="${index}" package="lakewarden" hostname="${escapeXml(report.instance)}" timestamp="${time}" tests="${cases.length}" failures="${failures}" errors="${errors}" time="${seconds}">\n<properties>\n<property name="complete" value="${report.complete}"/>\n</properties>\n`;
    for (const { text } of cases) yield `${text}\n`;
    yield '<system-out/>\n<system-err/>\n</testsuite>\n';
  }
  yield '</testsuites>\n';
}

interface Case {
  readonly text: string;
  readonly failed: boolean;
  readonly broken: boolean;
}

function caseOf(area: string, id: string, title: string, findings: readonly ReportFinding[]): Case {
  const failing = findings.filter(({ status }) => status === 'fail');
  const broken = failing.length === 0 && findings.length > 0;
  const shown = broken ? findings : failing;
  const start = `<testcase classname="${escapeXml(area)}" name="${escapeXml(id)}" time="0">`;
  if (shown.length === 0) return { text: `${start}</testcase>`, failed: false, broken: false };
  const element = broken ? 'error' : 'failure';
  const lines = shown.map(({ severity, resource, reason }) => `${severity}: ${resource.uid}: ${reason}`);
  const message = `${title}: ${shown.length} of them ${broken ? 'could not be judged' : 'fail'}`;
  return {
    text: `${start}<${element} type="${escapeXml(id)}" message="${escapeXml(message)}">${escapeXml(lines.join('\n'))}</${element}></testcase>`,
    failed: !broken,
    broken,
  };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Fit for texts and attributes of XML 1.0; characters that XML cannot hold become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(
      // oxlint-disable-next-line no-control-regex -- controls are what is looked for
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g,
      '\ufffd',
    )
    .replaceAll(/[&<>"]/g, (mark) => entities[mark] ?? mark);
}
