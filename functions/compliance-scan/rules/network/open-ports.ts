import { exposureOf, isOpen } from '../../address/exposure.ts';
import { covers, type FirewallRule, reachOf } from '../../address/firewall.ts';
import type { Resource } from '../../model/resource.ts';
import type { Look } from '../../model/rule.ts';
import type { Evidence, Exposure, Judgement, Severity } from '../../model/verdict.ts';
import { pass, unknown } from '../judgement.ts';
import { type AttachedFirewall, attachmentOf, behind, effectiveSeverity, nameExposure, scaleOf } from './firewalls.ts';
import type { Service } from './services.ts';

/** The most texts of one kind that evidence shows. */
const most = 10;

interface ServiceLook {
  readonly open: readonly number[];
  readonly unsure: readonly number[];
  readonly exposure: Exposure;
}

/**
 * Judges each service by itself, over all rules of a firewall together: a failure for one whose ports strangers reach, unknown
 * where that depends on what could not be resolved, and one pass when there is neither.
 */
export function judgeServices(
  resource: Resource<AttachedFirewall>,
  look: Look<{ partners: string[]; widePrefix: number; services: readonly Service[] }>,
  worst: Severity,
): Judgement[] {
  const { kind, name, body } = resource;
  const judgements: Judgement[] = [];
  for (const service of look.parameters.services) {
    const found = lookAt(body, service, look);
    const ports = { part: service.name };
    if (found.open.length > 0) {
      const attachment = attachmentOf(resource, look);
      judgements.push({
        ...ports,
        status: 'fail',
        reason: `${name} lets ${nameExposure(found.exposure)} reach ${service.name} (${service.protocol} ${found.open.join(', ')})${behind[attachment]}`,
        exposure: found.exposure,
        severity: effectiveSeverity(worst, attachment),
        evidence: {
          ports: [...found.open],
          attached: attachment,
          path: [`${kind} ${name}`],
          ...sourcesOf(body.rules, service.protocol, found.open),
        },
      });
    } else if (found.unsure.length > 0) {
      const names = namesOf(body, service, found.unsure);
      const reason = `whom ${name} lets reach ${service.name} depends on ${names.join(', ')}, which could not be resolved`;
      judgements.push(unknown(reason, { ...ports, exposure: 'unknown' }));
    }
  }
  return judgements.length > 0
    ? judgements
    : [pass(`${name} lets no strangers reach ${nameAll(look.parameters.services)}`)];
}

function lookAt(
  body: AttachedFirewall,
  { protocol, ports }: Service,
  { parameters }: Look<{ partners: string[]; widePrefix: number }>,
): ServiceLook {
  const open: number[] = [];
  const unsure: number[] = [];
  let exposure: Exposure = 'none';
  const scale = scaleOf(parameters);
  for (const port of ports) {
    const reach = reachOf(body, 'ingress', protocol, port);
    const known = exposureOf(reach.least, scale);
    if (isOpen(known)) {
      open.push(port);
      if (exposure !== 'world') exposure = known;
    } else if (isOpen(exposureOf(reach.most, scale))) unsure.push(port);
  }
  return { open, unsure, exposure };
}

/** The addresses of the rules that cover any of the ports, as they are written. */
export function sourcesOf(rules: readonly FirewallRule[], protocol: string, ports: readonly number[]): Evidence {
  const covering = rules.filter(
    (rule) =>
      rule.direction === 'ingress' && rule.action === 'allow' && ports.some((port) => covers(rule, protocol, port)),
  );
  const resolved = cut(covering.flatMap((rule) => rule.resolved ?? []));
  return {
    // Of a long prefix list, its name says more than its addresses.
    addresses: cut(covering.flatMap((rule) => rule.addresses)),
    ...(resolved.length > 0 && { lists: resolved }),
  };
}

function namesOf(body: AttachedFirewall, { protocol }: Service, ports: readonly number[]): string[] {
  return cut(ports.flatMap((port) => reachOf(body, 'ingress', protocol, port).unresolved));
}

function nameAll(services: readonly Service[]): string {
  return services.map(({ name }) => name).join(', ');
}

/** The first of some texts, sorted, each once. */
export function cut(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted().slice(0, most);
}
