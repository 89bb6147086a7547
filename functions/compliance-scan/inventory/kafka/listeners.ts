import type { KafkaListener } from './kinds.ts';

type Settings = ReadonlyMap<string, string>;

const protocols: ReadonlySet<string> = new Set(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']);

/** A broker's listeners in the order of its setting, with the security that truly holds for each. */
export function readListeners(settings: Settings): KafkaListener[] {
  const map = readProtocols(settings);
  const controllers = new Set(words(settings.get('controller.listener.names')));
  const advertisedText = settings.get('advertised.listeners') ?? '';
  const advertised = new Set(readAddresses(advertisedText).map(({ name }) => name));
  const isAdvertised = (name: string): boolean =>
    advertisedText.trim() === '' ? !controllers.has(name) : advertised.has(name);
  const interBroker = settings.get('inter.broker.listener.name') ?? '';
  const interBrokerProtocol = settings.get('security.inter.broker.protocol') ?? 'PLAINTEXT';
  return readAddresses(settings.get('listeners') ?? '').map(({ name, host, port }) => ({
    name,
    protocol: map(name),
    host,
    port,
    loopback: isLoopback(host),
    advertised: isAdvertised(name),
    // Without a name of a listener, brokers use the one that is called like their protocol.
    betweenBrokers: !controllers.has(name) && name === (interBroker === '' ? interBrokerProtocol : interBroker),
    ofController: controllers.has(name),
    clientCertificates: readClientAuth(settings, name),
    mechanisms: words(ofListener(settings, name, 'sasl.enabled.mechanisms') ?? 'GSSAPI').toSorted(),
  }));
}

/** True for addresses that only programs on the same machine reach. */
export function isLoopback(host: string): boolean {
  const plain = host.replaceAll(/[[\]]/g, '').toLowerCase();
  return (
    plain === 'localhost' ||
    /^(::ffff:)?127(\.\d{1,3}){3}$/.test(plain) ||
    plain === '::1' ||
    plain === '0:0:0:0:0:0:0:1'
  );
}

function readProtocols(settings: Settings): (name: string) => KafkaListener['protocol'] {
  const map = new Map<string, string>();
  for (const pair of words(settings.get('listener.security.protocol.map'))) {
    const colon = pair.lastIndexOf(':');
    map.set(
      pair.slice(0, colon).trim().toUpperCase(),
      pair
        .slice(colon + 1)
        .trim()
        .toUpperCase(),
    );
  }
  return (name) => {
    const protocol = map.get(name) ?? name;
    return protocols.has(protocol) ? (protocol as KafkaListener['protocol']) : 'unknown';
  };
}

function readClientAuth(settings: Settings, name: string): KafkaListener['clientCertificates'] {
  const value = ofListener(settings, name, 'ssl.client.auth')?.toLowerCase();
  return value === 'required' || value === 'requested' ? value : 'none';
}

/** A setting for one listener, or else the one for all. */
function ofListener(settings: Settings, name: string, setting: string): string | undefined {
  return settings.get(`listener.name.${name.toLowerCase()}.${setting}`) ?? settings.get(setting);
}

function readAddresses(text: string): { name: string; host: string; port: number }[] {
  return words(text).flatMap((address) => {
    const match = /^([^:]+):\/\/(.*):(-?\d+)$/.exec(address);
    return match === null
      ? []
      : [{ name: (match[1] ?? '').toUpperCase(), host: match[2] ?? '', port: Number(match[3]) }];
  });
}

function words(text = ''): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
