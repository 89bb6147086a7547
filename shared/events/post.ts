import { setTimeout as sleep } from 'node:timers/promises';
import { isError, LakewardenError } from '#shared/errors/error.ts';

/** One HTTP POST. */
export interface Post {
  /** Who is posted to, for messages: `the event sink`. */
  readonly to: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How often, and how patiently, a post is tried. */
export interface PostOptions {
  /** Attempts in all, 5 by default. */
  readonly attempts?: number;
  /** Milliseconds that one attempt may take, 10 000 by default. */
  readonly timeout?: number;
  /** Milliseconds before the second attempt, doubled each time, 200 by default, at most 5 s. */
  readonly pause?: number;
}

const longestPause = 5_000;

/**
 * Posts until it is accepted.
 * @throws LakewardenError `sink.unavailable` after the last attempt, `sink.refused` for an answer that will not change;
 * the signal's reason once that is aborted.
 */
export async function post(request: Post, options: PostOptions = {}, signal?: AbortSignal): Promise<void> {
  const { attempts = 5, timeout = 10_000, pause = 200 } = options;
  for (let attempt = 1; ; attempt++) {
    const failure = await tryOnce(request, timeout, signal);
    if (failure === undefined) return;
    if (isError(failure.error, 'sink.refused') || attempt >= attempts) throw failure.error;
    const wait = Math.min(failure.wait ?? pause * 2 ** (attempt - 1) * (0.5 + Math.random()), longestPause);
    await sleep(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

interface Failure {
  error: LakewardenError;
  /** Milliseconds that we were asked to wait. */
  wait?: number;
}

async function tryOnce(
  { to, url, headers, body }: Post,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      headers,
      body,
      method: 'POST',
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    await response.body?.cancel();
    return judge(to, response);
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = limit.aborted ? `no answer within ${timeout} ms` : 'the connection failed';
    return { error: new LakewardenError('sink.unavailable', `${to} gave no answer: ${reason}`, { cause }) };
  }
}

function judge(to: string, response: Response): Failure | undefined {
  const { status } = response;
  if (response.ok) return undefined;
  const details = { status };
  // The statuses that Knative's own senders repeat: knative.dev/eventing, pkg/kncloudevents, message_sender.go.
  if (status < 500 && ![404, 408, 409, 429].includes(status))
    return { error: new LakewardenError('sink.refused', `${to} refused an event with ${status}`, { details }) };
  const error = new LakewardenError('sink.unavailable', `${to} answered ${status}`, { details });
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? { error, wait: seconds * 1000 } : { error };
}
