import { setTimeout as delay } from 'node:timers/promises';

import { LakewardenError } from '../errors/error.ts';
import { traceCalling } from '../observe/trace.ts';
import { failed, Link, unavailable, type Session } from './hiveserver-link.ts';
import { readRows, type Row } from './hiveserver-rows.ts';

export type { Row } from './hiveserver-rows.ts';

/** How to reach HiveServer2, or Spark's Thrift server. */
export interface HiveServerOptions {
  /** An address such as `hive2://host:10000`. */
  readonly url: string;
  /** The user of SASL PLAIN; `lakewarden` when left out. */
  readonly user?: string | undefined;
  /** `lakewarden` when left out: servers that check nothing still refuse an empty one. */
  readonly password?: string | undefined;
  /** Present when TLS is spoken; `ca` is the PEM text of the trusted authorities, the public ones when left out. */
  readonly tls?: { readonly ca?: string } | undefined;
  /** Milliseconds for a statement, connecting included; 60,000 when left out. */
  readonly deadlineMs?: number | undefined;
}

/** Limits for one statement. */
export interface StatementOptions {
  /** Milliseconds, instead of the client's own deadline. */
  readonly deadlineMs?: number | undefined;
  /** Most rows to read; 10,000 when left out. */
  readonly maxRows?: number | undefined;
}

type Driver = typeof import('./hive-driver.ts');
type Operation = Awaited<ReturnType<Session['executeStatement']>>;
interface Connected {
  readonly driver: Driver;
  readonly session: Session;
}

const fetchRows = 1000;
const farewellMs = 2_000;

/**
 * Runs statements in one session of HiveServer2, which is opened by the first of them and again after a failure. Each
 * throws hive.failed with Hive's own message, hive.unavailable, or deadline.exceeded; the latter two close the
 * connection, which makes the server cancel what runs in the session, and fail statements that run beside.
 */
export class HiveServer {
  readonly #options: HiveServerOptions;
  readonly #host: string;
  readonly #port: number;
  #link = new Link();
  #connected: Promise<Connected> | undefined;
  #closed = false;

  constructor(options: HiveServerOptions) {
    const match = /^hive2:\/\/(\[[^\]]+\]|[^:/@\s]+)(?::(\d{1,5}))?\/?$/.exec(options.url);
    if (match?.[1] === undefined) {
      throw new LakewardenError('config.invalid', 'the address of HiveServer2 must look like hive2://host:10000');
    }
    this.#options = options;
    this.#host = match[1].replaceAll(/^\[|\]$/g, '');
    this.#port = Number(match[2] ?? 10000);
  }

  /** Runs a statement and reads its rows. Throws limit.exceeded when there are more than `maxRows`. */
  async query(sql: string, options: StatementOptions = {}): Promise<Row[]> {
    return this.#run(sql, options, (operation) => readAll(operation, options.maxRows ?? 10_000));
  }

  /** Runs a statement whose rows, if any, do not matter. */
  async execute(sql: string, options: StatementOptions = {}): Promise<void> {
    await this.#run(sql, options, () => Promise.resolve());
  }

  /** Closes the session and the connection; statements under way are rejected with hive.unavailable. */
  async close(): Promise<void> {
    this.#closed = true;
    const link = this.#link;
    if (this.#connected !== undefined && link.usable) {
      const farewell = this.#connected.then(({ session }) => session.close()).catch(() => {});
      const timer = new AbortController();
      await Promise.race([farewell, delay(farewellMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    }
    link.fail(unavailable('was closed'));
  }

  async #run<T>(sql: string, options: StatementOptions, read: (operation: Operation) => Promise<T>): Promise<T> {
    if (this.#closed) throw unavailable('was closed');
    const { deadlineMs = this.#options.deadlineMs ?? 60_000 } = options;
    if (!this.#link.usable) {
      this.#link = new Link();
      this.#connected = undefined;
    }
    const link = this.#link;
    const expire = (): void =>
      link.fail(new LakewardenError('deadline.exceeded', `HiveServer2 did not finish within ${deadlineMs} ms`));
    const timer = setTimeout(expire, deadlineMs);
    try {
      return await traceCalling('hiveserver2', 'statement', () => link.wait(this.#perform(link, sql, read)));
    } finally {
      clearTimeout(timer);
    }
  }

  async #perform<T>(link: Link, sql: string, read: (operation: Operation) => Promise<T>): Promise<T> {
    this.#connected ??= this.#connect(link);
    const { driver, session } = await this.#connected;
    const operation = await session.executeStatement(sql, { runAsync: true });
    try {
      await waitUntilFinished(driver, link, operation);
      return await read(operation);
    } finally {
      // The result counts, not the farewell; on a broken connection it would never come back.
      if (link.usable) await operation.close().catch(() => {});
    }
  }

  async #connect(link: Link): Promise<Connected> {
    const driver = await import('./hive-driver.ts');
    const { user = 'lakewarden', password = 'lakewarden', tls } = this.#options;
    // The driver would take any certificate.
    const secure = { ssl: true, secureProtocol: 'TLS_method', rejectUnauthorized: true };
    const target = {
      host: this.#host,
      port: this.#port,
      ...(tls === undefined ? {} : { options: { ...secure, ...tls } }),
    };
    const client = new driver.HiveClient(driver.thrift.TCLIService, driver.thrift.TCLIService_types);
    // An 'error' without a listener would end the process.
    client.on('error', (error: Error) => link.fail(unavailable(`broke: ${error.message}`, error)));
    const plain = new driver.auth.PlainTcpAuthentication({ username: user, password });
    try {
      await client.connect(target, new driver.connections.TcpConnection(), {
        authenticate: (transport) => {
          const authenticated = plain.authenticate(transport);
          link.watch(transport.getTransport());
          return authenticated;
        },
      });
      const session = await client.openSession({
        client_protocol: driver.thrift.TCLIService_types.TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V10,
        username: user,
        password,
        // Columns are called `id`, not `table.id`.
        configuration: { 'set:hiveconf:hive.resultset.use.unique.column.names': 'false' },
      });
      return { driver, session };
    } catch (error) {
      const { message } = error as Error;
      const refused = message.startsWith('Authentication error');
      link.fail(refused ? failed(message, error) : unavailable(`was not opened: ${message}`, error));
      throw error;
    }
  }
}

async function waitUntilFinished(driver: Driver, link: Link, operation: Operation): Promise<void> {
  const states = driver.thrift.TCLIService_types.TOperationState;
  const waiting = new Set([states.INITIALIZED_STATE, states.PENDING_STATE, states.RUNNING_STATE]);
  // HiveServer2 itself waits a while before it says that a statement still runs; Spark's server does not.
  for (let pause = 5; link.usable; pause = Math.min(pause * 2, 500)) {
    const status = await operation.status(false);
    if (status.operationState === states.FINISHED_STATE) return;
    if (!waiting.has(status.operationState)) {
      const { sqlState, errorCode, errorMessage = 'the statement was cancelled' } = status;
      const details = { ...(sqlState ? { sqlState } : {}), ...(errorCode ? { errorCode } : {}) };
      throw failed(errorMessage, undefined, details);
    }
    await delay(pause);
  }
}

async function readAll(operation: Operation, maxRows: number): Promise<Row[]> {
  const rows: Row[] = [];
  operation.setMaxRows(Math.min(fetchRows, maxRows + 1));
  for (;;) {
    await operation.fetch();
    const schema = operation.getSchema();
    if (schema === null) return rows;
    for (const rowSet of operation.getData()) rows.push(...readRows(schema, rowSet));
    operation.flush();
    if (rows.length > maxRows) throw new LakewardenError('limit.exceeded', `the result has more than ${maxRows} rows`);
    if (!operation.hasMoreRows()) return rows;
  }
}
