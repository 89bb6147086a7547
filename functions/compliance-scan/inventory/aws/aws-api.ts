import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { Agent as PlainAgent, type IncomingMessage, request as requestPlain } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { traceCalling } from '#shared/observe/trace.ts';
import { AwsFailure, isPassing, isThrottled, translateError } from './aws-error.ts';
import type { AwsPlace } from './place.ts';
import type { AwsSettings } from './settings.ts';
import { type Wire, XmlReader } from './xml.ts';

/** A question to a service of AWS. */
export interface AwsQuestion {
  /** What errors call it, such as `DescribeVolumes`. */
  readonly name: string;
  /** As signatures name it: `ec2`, `s3`, `elasticloadbalancing`. */
  readonly service: string;
  readonly region: string;
  readonly host: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The parameters of a POST; without them it is a GET. */
  readonly form?: Readonly<Record<string, string>>;
}

/** What the reader of a service is made of. */
export interface AwsAccess {
  readonly place: AwsPlace;
  readonly settings: AwsSettings;
}

/** An answer that is longer than this is none that a page of a listing can have. */
const maxAnswerBytes = 256 << 20;

/** The longest pause between two attempts, in milliseconds; pauses double and are random below their length. */
const longestPause = 20_000;

/** Asks services of AWS: with credentials found the ways of AWS's SDK, signed, within a deadline, again when AWS throttles. */
export class AwsApi {
  readonly #access: AwsAccess;
  readonly #agent: PlainAgent;
  readonly #signers = new Map<string, SignatureV4>();
  readonly #credentials: ReturnType<typeof defaultProvider>;

  constructor(access: AwsAccess) {
    const { place, settings } = access;
    this.#access = access;
    const { profile } = settings.accounts.find(({ id }) => id === place.account) ?? {};
    this.#credentials = defaultProvider(profile === undefined ? {} : { profile });
    const options = { keepAlive: true, maxSockets: 16 };
    this.#agent = settings.endpoint?.startsWith('http:') === true ? new PlainAgent(options) : new TlsAgent(options);
  }

  /**
   * The answer to a question as plain data.
   *
   * @throws inventory.forbidden, inventory.throttled, inventory.unavailable, deadline.exceeded
   */
  async ask(question: AwsQuestion, signal: AbortSignal): Promise<Wire> {
    const { place, settings } = this.#access;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(settings.deadlineSeconds * 1_000)]);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await traceCalling('aws', question.name, () => this.#askOnce(question, deadline));
      } catch (error) {
        if (attempt >= settings.attempts || deadline.aborted || !isPassing(error))
          throw translateError(
            error,
            `${question.name} in ${question.region} of account ${place.account}`,
            deadline.aborted,
          );
        const first = isThrottled(error) ? 500 : 50;
        // Random, so that many callers that were throttled together do not come back together.
        const pause = Math.random() * Math.min(longestPause, first * 2 ** attempt);
        await wait(pause, undefined, { signal: deadline }).catch(() => {});
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #askOnce(question: AwsQuestion, signal: AbortSignal): Promise<Wire> {
    const { service, region, host, path, query = {}, form } = question;
    const base = new URL(this.#access.settings.endpoint ?? `https://${host}`);
    const body = form === undefined ? '' : new URLSearchParams(form).toString();
    const signed = await this.#signer(service, region).sign({
      method: form === undefined ? 'GET' : 'POST',
      protocol: base.protocol,
      hostname: base.hostname,
      path,
      query: { ...query },
      headers: {
        host: base.host,
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }),
      },
      body,
    });
    const answer = await this.#send(base, pathOf(path, query), signed.method, signed.headers, body, signal);
    const reader = new XmlReader();
    const status = answer.statusCode ?? 0;
    if (status !== 200) throw await readFailure(answer, status);
    let bytes = 0;
    answer.setEncoding('utf8');
    for await (const piece of answer as AsyncIterable<string>) {
      bytes += piece.length;
      if (bytes > maxAnswerBytes) throw new AwsFailure('AnswerTooLong', status);
      reader.push(piece);
    }
    return reader.end();
  }

  #signer(service: string, region: string): SignatureV4 {
    const key = `${service}/${region}`;
    const known = this.#signers.get(key);
    if (known !== undefined) return known;
    const uriEscapePath = service !== 's3';
    const signer = new SignatureV4({ service, region, credentials: this.#credentials, sha256: Sha256, uriEscapePath });
    this.#signers.set(key, signer);
    return signer;
  }

  #send(
    base: URL,
    path: string,
    method: string,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const send = base.protocol === 'http:' ? requestPlain : requestTls;
    return new Promise((resolve, reject) => {
      send(base, { method, path, headers, agent: this.#agent, signal }, resolve).once('error', reject).end(body);
    });
  }
}

function pathOf(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}

async function readFailure(answer: IncomingMessage, status: number): Promise<AwsFailure> {
  let text = '';
  answer.setEncoding('utf8');
  for await (const piece of answer as AsyncIterable<string>) if (text.length < 65_536) text += piece;
  const [, code = `HTTP ${status}`] = /<Code>([\w.]{1,100})<\/Code>/u.exec(text) ?? [];
  const region = answer.headers['x-amz-bucket-region'];
  return new AwsFailure(code, status, typeof region === 'string' ? region : undefined);
}

/** SHA-256 as the signer wants it. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
