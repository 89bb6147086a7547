import { converse, int32, type Conversation } from './conversation.ts';

// How each service shows that it works, not merely that its port is open. A probe answers false or throws while it does not.

const probeTimeout = 10_000;

/** True when an HTTP address answers 200. */
export async function answersHttp(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(probeTimeout) });
  await response.arrayBuffer();
  return response.status === 200;
}

/** True when WebHDFS reads the root, a DataNode is live, and the NameNode is out of safe mode. */
export async function answersHdfs(httpPort: number): Promise<boolean> {
  const base = `http://127.0.0.1:${httpPort}`;
  if (!(await answersHttp(`${base}/webhdfs/v1/?op=GETFILESTATUS&user.name=anyone`))) return false;
  const url = `${base}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState`;
  const response = await fetch(url, { signal: AbortSignal.timeout(probeTimeout) });
  const { beans } = (await response.json()) as { beans: { NumLiveDataNodes: number; FSState: string }[] };
  return beans[0]?.FSState === 'Operational' && beans[0].NumLiveDataNodes > 0;
}

/** A call of Thrift's strict binary protocol, up to its arguments. */
function thriftCall(method: string): Buffer {
  return Buffer.concat([int32(0x80010001 | 0), int32(method.length), Buffer.from(method), int32(1)]);
}

/** Reads the head of an answer; false for an exception of the server. */
async function readReply(server: Conversation): Promise<boolean> {
  const version = (await server.read(4)).readInt32BE();
  await server.read((await server.read(4)).readInt32BE() + 4);
  return version === (0x80010002 | 0);
}

/** True when the metastore lists its databases: it reaches PostgreSQL and finds its schema there. */
export async function answersMetastore(port: number): Promise<boolean> {
  return await converse(port, probeTimeout, async (server) => {
    server.send(thriftCall('get_all_databases'), Buffer.of(0));
    // The answer is field 0, a list (type 15); a declared exception would be field 1.
    return (await readReply(server)) && (await server.read(3)).equals(Buffer.of(15, 0, 0));
  });
}

/** The same over HTTP, where a token is asked for. */
export async function answersMetastoreHttp(port: number, token: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/metastore`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-thrift' },
    body: Buffer.concat([thriftCall('get_all_databases'), Buffer.of(0)]),
    signal: AbortSignal.timeout(probeTimeout),
  });
  const answer = Buffer.from(await response.arrayBuffer());
  // The head of the answer, the name of the method, and its sequence number stand before the list.
  return response.status === 200 && answer.subarray(29, 32).equals(Buffer.of(15, 0, 0));
}

/** True when HiveServer2 opens a session, for which it needs HDFS and the metastore. */
export async function answersHiveServer(port: number): Promise<boolean> {
  return await converse(port, 3 * probeTimeout, async (server) => {
    // Thrift's SASL transport: START (1) with the mechanism, OK (2) with the PLAIN answer; the server closes by COMPLETE (5).
    const mechanism = Buffer.from('PLAIN');
    const answer = Buffer.from('\0hive\0hive');
    server.send(Buffer.of(1), int32(mechanism.length), mechanism, Buffer.of(2), int32(answer.length), answer);
    const negotiated = await server.read(5);
    await server.read(negotiated.readInt32BE(1));
    if (negotiated[0] !== 5) return false;

    // OpenSession({ 1: { 1: protocol version 10 (number 9) } })
    const call = Buffer.concat([thriftCall('OpenSession'), Buffer.of(12, 0, 1, 8, 0, 1), int32(9), Buffer.of(0, 0)]);
    server.send(int32(call.length), call);
    await server.read(4);
    if (!(await readReply(server))) return false;
    // { 0: { 1: status { 1: code } } }, where 0 is success and 1 success with remarks.
    const status = (await server.read(13)).readInt32BE(9);
    return status === 0 || status === 1;
  });
}

/** True when the broker answers ApiVersions (key 18, version 0) without an error. */
export async function answersKafka(port: number): Promise<boolean> {
  return await converse(port, probeTimeout, async (server) => {
    const request = Buffer.concat([Buffer.of(0, 18, 0, 0), int32(1), Buffer.of(255, 255)]);
    server.send(int32(request.length), request);
    const answer = await server.read(10);
    return answer.readInt32BE(4) === 1 && answer.readInt16BE(8) === 0;
  });
}
