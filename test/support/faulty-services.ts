import { startTcpProxy, type Verdict } from './tcp-proxy.ts';

/**
 * What happens to a call: the server answers an error; the connection breaks before the server knows of the call, or after
 * the server performed it; the answer never comes; the process of the caller is killed after the server performed it.
 */
export const faults = ['error', 'drop', 'cut', 'mute', 'kill'] as const;
export type Fault = (typeof faults)[number];

/** A call of a service. */
export interface ServiceCall {
  /** The WebHDFS operation or the method of the metastore. */
  readonly name: string;
  readonly writes: boolean;
}

/** What is more to say of a fault. */
interface Sentence {
  /** The calls that are counted; all unless said. */
  readonly among?: ((call: ServiceCall) => boolean) | undefined;
  readonly kill?: () => void;
}

/** Proxies before a lake's NameNode, DataNode and metastore, which one process at a time uses. */
export interface FaultyServices {
  /** Their addresses, as in the settings of metastore-sync. */
  readonly hdfs: string;
  readonly metastore: string;
  /** Lets the n-th call from now on meet a fault, or the n-th among some; the others pass. */
  condemn(n: number, fault: Fault, options?: Sentence): void;
  /** The calls since the last sentence or pardon. */
  calls(): readonly ServiceCall[];
  /** The call that met it. */
  met(): ServiceCall | undefined;
  /** Lets all calls pass. */
  forgive(): void;
  close(): Promise<void>;
}

/** Starts the proxies. */
export async function startFaultyServices(place: {
  readonly webhdfs: string;
  readonly metastore: string;
}): Promise<FaultyServices> {
  let calls: ServiceCall[] = [];
  let met: ServiceCall | undefined;
  let judge: (call: ServiceCall, bytes: Buffer) => Verdict = () => 'pass';
  const note = (bytes: Buffer, read: (bytes: Buffer) => ServiceCall | undefined): Verdict => {
    const call = read(bytes);
    // The rest of a long request.
    if (call === undefined) return 'pass';
    calls.push(call);
    return judge(call, bytes);
  };
  const dataNode = await dataNodeOf(place.webhdfs);
  const data = await startTcpProxy(`http://${dataNode}`);
  const redirect = (bytes: Buffer): Buffer =>
    Buffer.from(
      bytes.toString('latin1').replace(`Location: http://${dataNode}/`, `Location: http://127.0.0.1:${data.port}/`),
      'latin1',
    );
  const name = await startTcpProxy(place.webhdfs, redirect);
  const metastore = await startTcpProxy(place.metastore);
  for (const proxy of [data, name]) proxy.judge = (bytes) => note(bytes, readHttp);
  metastore.judge = (bytes) => note(bytes, readThrift);
  return {
    hdfs: `http://127.0.0.1:${name.port}`,
    metastore: `thrift://127.0.0.1:${metastore.port}`,
    calls: () => calls,
    met: () => met,
    condemn(n, fault, { among = () => true, kill = () => {} } = {}) {
      calls = [];
      met = undefined;
      judge = (call, bytes) => {
        if (calls.filter(among).length !== n || met !== undefined) return 'pass';
        met = call;
        if (fault === 'kill') return kill;
        return fault === 'error' ? serverError(bytes) : fault;
      };
    },
    forgive() {
      calls = [];
      judge = () => 'pass';
    },
    async close() {
      for (const proxy of [data, name, metastore]) await proxy.close();
    },
  };
}

/** Where the lake's DataNode serves WebHDFS, as its NameNode says. */
async function dataNodeOf(webhdfs: string): Promise<string> {
  const url = `${webhdfs}/webhdfs/v1/tmp/nothing?op=CREATE&noredirect=true&user.name=root`;
  const response = await fetch(url, { method: 'PUT' });
  const { Location: location } = (await response.json()) as { Location: string };
  return new URL(location).host;
}

function readHttp(bytes: Buffer): ServiceCall | undefined {
  const [, method, operation] = /^(GET|PUT|POST|DELETE) \S*[?&]op=(\w+)/.exec(bytes.toString('latin1')) ?? [];
  return operation === undefined ? undefined : { name: operation, writes: method !== 'GET' };
}

function isThrift(bytes: Buffer): boolean {
  return bytes.length > 12 && bytes.readUInt32BE(0) === 0x80010001;
}

function readThrift(bytes: Buffer): ServiceCall | undefined {
  if (!isThrift(bytes)) return undefined;
  const name = bytes.toString('latin1', 8, 8 + bytes.readInt32BE(4));
  return { name, writes: !/^(get|set_ugi)/i.test(name) };
}

/** The answer of a server that fails inside: Thrift's TApplicationException, or HTTP 500 as a NameNode gives it. */
function serverError(request: Buffer): Buffer {
  if (!isThrift(request)) {
    const body =
      '{"RemoteException":{"exception":"IOException","javaClassName":"java.io.IOException","message":"fault"}}';
    return Buffer.from(
      `HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  }
  const head = Buffer.from(request.subarray(0, 12 + request.readInt32BE(4)));
  head.writeUInt32BE(0x80010003, 0);
  // Field 1, text: the message. Field 2, i32: kind 6, an internal error.
  return Buffer.concat([
    head,
    Buffer.from('0b000100000005', 'hex'),
    Buffer.from('fault'),
    Buffer.from('0800020000000600', 'hex'),
  ]);
}
