import type { Severity } from '../model/verdict.ts';
import { stringify } from './json.ts';
import type { Report, ReportFinding } from './report.ts';
import { rulesById } from './rules-by-id.ts';

/** The version of the Open Cybersecurity Schema Framework whose Compliance Finding we write: https://schema.ocsf.io/1.5.0/classes/compliance_finding */
const schemaVersion = '1.5.0';

const severityIds = { info: 1, low: 2, medium: 3, high: 4, critical: 5 } as const satisfies Record<Severity, number>;
const activities = { create: 1, update: 2, close: 3 } as const;
const statuses = { fail: 3, error: 0, unknown: 0, pass: 1 } as const;

/** A Compliance Finding (class 2003) of OCSF for each finding, as lines of JSON. Times are milliseconds since 1970. */
export function* renderOcsf(report: Report): Generator<string> {
  const ruleOf = rulesById(report);
  for (const finding of report.findings) {
    const activity = activities[activityOf(finding)];
    const { id, title, why, remedy, controls, version } = ruleOf(finding.rule);
    const { resource } = finding;
    const fixed = finding.state === 'resolved';
    yield `${stringify({
      activity_id: activity,
      category_uid: 2,
      class_uid: 2003,
      type_uid: 200_300 + activity,
      time: report.ended,
      severity_id: severityIds[finding.severity],
      // 1 new, 3 suppressed, 4 resolved; what people work on is not ours to say.
      status_id: { open: 1, waived: 3, resolved: 4 }[finding.state],
      message: finding.reason,
      metadata: {
        version: schemaVersion,
        uid: `${finding.id}-${finding.revision}`,
        product: { name: 'Lakewarden compliance-scan', vendor_name: 'Lakewarden', uid: report.instance },
      },
      finding_info: {
        uid: finding.id,
        title,
        desc: `${finding.reason}. ${why}`,
        created_time: finding.firstSeen,
        modified_time: finding.changed,
        first_seen_time: finding.firstSeen,
        last_seen_time: finding.lastSeen,
        types: [finding.rule],
      },
      compliance: {
        control: id,
        desc: title,
        standards: Object.keys(controls),
        requirements: Object.entries(controls).flatMap(([standard, ids]) => ids.map((one) => `${standard} ${one}`)),
        status_id: fixed && finding.because === 'passes' ? statuses.pass : statuses[finding.status],
      },
      remediation: { desc: remedy },
      resources: [
        {
          uid: resource.uid,
          name: resource.name,
          type: resource.kind,
          ...(resource.version === undefined ? {} : { version: resource.version }),
          ...(resource.place.namespace === undefined ? {} : { namespace: resource.place.namespace }),
          ...(resource.place.region === undefined ? {} : { region: resource.place.region }),
          ...(resource.owner === undefined
            ? {}
            : {
                owner: {
                  name: resource.owner,
                  uid: resource.owner,
                  type_id: 0,
                  account: { name: resource.owner, uid: resource.owner, type_id: 0, labels: [] },
                },
              }),
          labels: Object.entries(resource.labels ?? {}).map(([key, value]) => `${key}: ${value}`),
          data: { place: resource.place },
        },
      ],
      unmapped: {
        rule_version: version,
        ...(finding.part === undefined ? {} : { part: finding.part }),
        ...(finding.exposure === undefined ? {} : { exposure: finding.exposure }),
        ...(finding.evidence === undefined ? {} : { evidence: finding.evidence }),
        ...(finding.waiver === undefined ? {} : { waiver: finding.waiver }),
        verdict: finding.status,
        reopened: finding.reopened,
      },
    })}\n`;
  }
}

function activityOf({ state, transition }: ReportFinding): keyof typeof activities {
  if (state === 'resolved') return 'close';
  return transition?.kind === 'opened' ? 'create' : 'update';
}
