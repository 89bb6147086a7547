import { z } from 'zod';
import { exposureOf, isOpen } from '../../address/exposure.ts';
import { type Firewall, reachOf } from '../../address/firewall.ts';
import { defineRule } from '../../model/rule.ts';
import type { Exposure } from '../../model/verdict.ts';
import { fail, pass } from '../judgement.ts';
import { groupOf, letIn } from './examples.ts';
import {
  type AttachedFirewall,
  attachmentOf,
  behind,
  effectiveSeverity,
  firewallKinds,
  interfaces,
  nameExposure,
  scaleOf,
  scaleParameters,
} from './firewalls.ts';

const parameters = z.strictObject({
  ...scaleParameters,
  mostPorts: z.int().min(0).max(65_535).default(100).describe('ports of a protocol that may be open to strangers'),
});

interface Opening {
  readonly what: string;
  readonly ports: number;
  readonly exposure: Exposure;
}

/** A firewall that is open to strangers on nearly all ports is no firewall. */
export const fewOpenPorts = defineRule<AttachedFirewall, typeof parameters>({
  id: 'network-few-open-ports',
  version: 1,
  title: 'Strangers reach a few ports at most, never all',
  why: 'A rule for all ports or all protocols also opens what somebody will start tomorrow. It usually stems from a test that was never undone.',
  area: 'network',
  severity: 'critical',
  kinds: firewallKinds,
  remedy: 'Name the protocol and the ports that are meant, and close the others.',
  triggers: ['aws/ModifyManagedPrefixList'],
  needs: [interfaces],
  parameters,
  judge(resource, look) {
    const { kind, name, body } = resource;
    const opening = findOpening(body, look.parameters);
    if (opening === undefined)
      return pass(`${name} is open to strangers on ${look.parameters.mostPorts} ports at most`);
    const attachment = attachmentOf(resource, look);
    const { what, ports, exposure } = opening;
    const severity = effectiveSeverity('critical', attachment);
    const reason = `${name} lets ${nameExposure(exposure)} reach ${what}${behind[attachment]}`;
    return fail(reason, { ports, attached: attachment, path: [`${kind} ${name}`] }, { exposure, severity });
  },
  examples: [
    { shows: 'all protocols', given: groupOf(letIn(['0.0.0.0/0'], undefined, { protocol: 'any' })), status: 'fail' },
    { shows: 'all ports of tcp', given: groupOf(letIn(['::/1', '8000::/1'])), status: 'fail' },
    {
      shows: 'many ports of udp',
      given: groupOf(letIn(['0.0.0.0/0'], undefined, { protocol: 'udp', ports: [{ from: 1, to: 500 }] })),
      status: 'fail',
    },
    { shows: 'a web server', given: groupOf(letIn(['0.0.0.0/0'], 443), letIn(['0.0.0.0/0'], 80)), status: 'pass' },
    { shows: 'all ports for the own network', given: groupOf(letIn(['10.0.0.0/8'])), status: 'pass' },
  ],
});

function findOpening(body: Firewall, given: z.output<typeof parameters>): Opening | undefined {
  const scale = scaleOf(given);
  const all = exposureOf(reachOf(body, 'ingress', 'any').least, scale);
  if (isOpen(all)) return { what: 'all protocols', ports: 65_536, exposure: all };
  for (const protocol of ['tcp', 'udp']) {
    let ports = 0;
    let exposure: Exposure = 'none';
    for (const { from, to } of segmentsOf(body, protocol)) {
      const reached = exposureOf(reachOf(body, 'ingress', protocol, from).least, scale);
      if (!isOpen(reached)) continue;
      ports += to - from + 1;
      if (exposure !== 'world') exposure = reached;
    }
    if (ports > given.mostPorts) return { what: `${ports} ports of ${protocol}`, ports, exposure };
  }
  return undefined;
}

/** Stretches of ports within which all ports are covered by the same rules. */
function segmentsOf({ rules }: Firewall, protocol: string): { readonly from: number; readonly to: number }[] {
  const covering = rules.filter(
    (rule) => rule.direction === 'ingress' && (rule.protocol === protocol || rule.protocol === 'any'),
  );
  if (covering.length === 0) return [];
  const ranges = covering.flatMap((rule) => rule.ports ?? []);
  const starts = [...new Set([0, ...ranges.flatMap(({ from, to }) => [from, to + 1])])].toSorted((a, b) => a - b);
  return starts
    .filter((from) => from < 65_536)
    .map((from, index, all) => ({ from, to: (all[index + 1] ?? 65_536) - 1 }));
}
