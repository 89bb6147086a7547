import { LakewardenError } from '#shared/errors/error.ts';
import { converse, int32, type Conversation } from './conversation.ts';

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

async function readMessage(server: Conversation): Promise<Message> {
  const head = await server.read(5);
  return { type: head.toString('latin1', 0, 1), body: await server.read(head.readInt32BE(1) - 4) };
}

function readRow(body: Buffer): (string | null)[] {
  const row: (string | null)[] = [];
  let at = 2;
  for (let column = 0; column < body.readInt16BE(0); column++) {
    const length = body.readInt32BE(at);
    at += 4;
    row.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(length, 0);
  }
  return row;
}

/** Reads up to ReadyForQuery; an error on the way is thrown then, or at once where it ends the connection. */
async function readAnswer(server: Conversation): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  let failure: string | undefined;
  for (;;) {
    const { type, body } = await readMessage(server);
    if (type === 'D') rows.push(readRow(body));
    if (type === 'E') {
      failure = /\0M([^\0]*)/.exec(body.toString('utf8'))?.[1] ?? 'unknown error';
      if (/^S(?:FATAL|PANIC)\0/.test(body.toString('utf8'))) break;
    }
    if (type === 'Z') break;
  }
  if (failure !== undefined) throw new LakewardenError('lake.failed', `PostgreSQL refused: ${failure}`);
  return rows;
}

/**
 * Runs SQL by the simple query protocol of PostgreSQL's frontend/backend protocol 3.0 and answers the rows of text.
 * Several statements in one text are one transaction. Throws `lake.failed`.
 */
export async function querySql(
  port: number,
  database: string,
  sql: string,
  milliseconds = 60_000,
): Promise<(string | null)[][]> {
  return await converse(port, milliseconds, async (server) => {
    const startup = Buffer.concat([int32(196_608), Buffer.from(`user\0hive\0database\0${database}\0\0`)]);
    server.send(int32(startup.length + 4), startup);
    await readAnswer(server);
    const query = Buffer.from(`${sql}\0`);
    server.send(Buffer.from('Q'), int32(query.length + 4), query);
    return await readAnswer(server);
  });
}
