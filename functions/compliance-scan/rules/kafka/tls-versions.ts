import { kafkaKinds, type KafkaBrokerBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const setting = 'ssl.enabled.protocols';
const old: ReadonlySet<string> = new Set(['SSL', 'SSLv2', 'SSLv2Hello', 'SSLv3', 'TLS', 'TLSv1', 'TLSv1.1']);

/** Old versions of TLS are off. */
export const tlsVersions = defineRule<KafkaBrokerBody>({
  id: 'kafka-tls-versions',
  version: 1,
  title: 'Brokers speak TLS 1.2 or newer',
  why: 'Older versions have holes that are known and can be forced upon clients that would speak a newer one.',
  area: 'encryption',
  severity: 'medium',
  kinds: [kafkaKinds.broker],
  remedy: 'Set ssl.enabled.protocols to TLSv1.2,TLSv1.3, also where it is set for one listener.',
  triggers: ['kafka/config'],
  judge({ name, body: { settings, listeners } }) {
    if (!listeners.some(({ protocol }) => protocol.endsWith('SSL'))) return [];
    const all = Object.entries(settings).filter(([key]) => key === setting || key.endsWith(`.${setting}`));
    if (all.length === 0) return unknown(`${name} does not tell its versions of TLS`);
    const wrong = all.filter(([, value]) => value.split(',').some((version) => old.has(version.trim())));
    return wrong.length === 0
      ? pass(`${name} speaks TLS 1.2 or newer`)
      : fail(`${name} speaks versions of TLS before 1.2`, Object.fromEntries(wrong));
  },
  examples: [
    { shows: 'new ones', given: { body: broker('TLSv1.2,TLSv1.3') }, status: 'pass' },
    { shows: 'an old one', given: { body: broker('TLSv1.3,TLSv1.1') }, status: 'fail' },
    { shows: 'none told', given: { body: broker() }, status: 'unknown' },
  ],
});

function broker(versions?: string) {
  return { listeners: [{ protocol: 'SSL' }], settings: versions === undefined ? {} : { [setting]: versions } };
}
