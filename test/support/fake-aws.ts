import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it reached the fake: its action and all its parameters. */
export type AwsCall = Readonly<Record<string, string>>;

/** What the fake answers: a document, or an error by its code. */
export type AwsAnswer = string | { readonly code: string; readonly status: number };

/** An endpoint that answers EC2's and Elastic Load Balancing's query protocol as a test tells it, also what AWS rarely does. */
export class FakeAws {
  readonly calls: AwsCall[] = [];
  readonly #server: Server;
  readonly #answer: (call: AwsCall) => AwsAnswer;

  private constructor(answer: (call: AwsCall) => AwsAnswer) {
    this.#answer = answer;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const call = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
        this.calls.push(call);
        const answered = this.#answer(call);
        const [status, body] =
          typeof answered === 'string' ? [200, answered] : [answered.status, errorDocument(call, answered.code)];
        response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
      });
    });
  }

  /** Starts one on loopback. */
  static async start(answer: (call: AwsCall) => AwsAnswer): Promise<FakeAws> {
    const fake = new FakeAws(answer);
    await new Promise<void>((resolve) => {
      fake.#server.listen(0, '127.0.0.1', resolve);
    });
    return fake;
  }

  /** Its base address. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The actions of the calls, in their order. */
  get actions(): string[] {
    return this.calls.map(({ Action = '' }) => Action);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

/** A document of EC2: what is inside, and the token of the next page. */
export function ec2Document(action: string, inside: string, token?: string): string {
  const next = token === undefined ? '' : `<nextToken>${token}</nextToken>`;
  return `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>${inside}${next}</${action}Response>`;
}

/** A document of Elastic Load Balancing: what is inside its result. */
export function elbDocument(action: string, inside: string): string {
  return `<${action}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><${action}Result>${inside}</${action}Result></${action}Response>`;
}

function errorDocument({ Version = '' }: AwsCall, code: string): string {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>a text that is not told</Message></Error>`;
  return Version === '2016-11-15'
    ? `<Response><Errors>${error}</Errors><RequestID>1</RequestID></Response>`
    : `<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">${error}<RequestId>1</RequestId></ErrorResponse>`;
}
