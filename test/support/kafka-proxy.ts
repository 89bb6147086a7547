import { type Fate, startTcpProxy } from './tcp-proxy.ts';

/** A proxy before a broker of this machine, which clients do not leave: it is the address that they are told. */
export interface KafkaProxy {
  readonly broker: string;
  /** Lets the next requests of a kind (Kafka protocol guide, API keys), so many of them, meet a fate. */
  condemn(apiKey: number, fate: Fate, times: number): void;
  /** How many have met it. */
  met(): number;
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a proxy before a broker such as `127.0.0.1:9092`. */
export async function startKafkaProxy(broker: string): Promise<KafkaProxy> {
  const [host = '', port] = broker.split(':');
  const told = address(host, Number(port));
  let ours = told;
  const proxy = await startTcpProxy(`kafka://${broker}`, (bytes) => {
    const answer = Buffer.from(bytes);
    for (let at = answer.indexOf(told); at >= 0; at = answer.indexOf(told, at + 1)) ours.copy(answer, at);
    return answer;
  });
  ours = address(host, proxy.port);
  let doomed = { apiKey: -1, fate: 'pass' as Fate, times: 0 };
  let met = 0;
  proxy.judge = (bytes) => {
    if (bytes.length < 6 || bytes.readInt16BE(4) !== doomed.apiKey || met >= doomed.times) return 'pass';
    met += 1;
    return doomed.fate;
  };
  return {
    broker: `${host}:${proxy.port}`,
    condemn(apiKey, fate, times) {
      doomed = { apiKey, fate, times };
      met = 0;
    },
    met: () => met,
    down: () => proxy.down(),
    up: () => proxy.up(),
    close: () => proxy.close(),
  };
}

/** A host and port as answers hold them. */
function address(host: string, port: number): Buffer {
  const bytes = Buffer.alloc(host.length + 4);
  bytes.write(host, 'latin1');
  bytes.writeInt32BE(port, host.length);
  return bytes;
}
