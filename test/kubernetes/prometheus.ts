import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A query as Prometheus reads it. */
export interface ReadQuery {
  readonly error?: string;
  /** The metrics that it asks for, with the labels that it chooses them by. */
  readonly uses: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** The labels that it groups or joins by. */
  readonly labels: readonly string[];
}

/** An alert that fires. */
export interface FiringAlert {
  readonly minute: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Lets Prometheus take queries apart. */
export async function readQueries(queries: readonly string[]): Promise<readonly ReadQuery[]> {
  return (await ask({ queries })).queries ?? [];
}

/**
 * Evaluates a file of rules once a minute and answers what fires at the minutes `at`; `series` are lines as in Prometheus' own
 * tests of rules, with a sample each minute. Throws when a rule fails.
 */
export async function evaluateRules(rules: string, series: readonly string[], at: readonly number[]) {
  const text = ['load 1m', ...series.map((line) => `  ${line}`), ''].join('\n');
  return (await ask({ rules, series: text, at })).alerts;
}

async function ask(request: object) {
  const folder = process.env['LAKEWARDEN_TEST_PROMETHEUS'];
  if (folder === undefined) throw new Error('no Prometheus: run this test by `make test-kubernetes`');
  const running = promisify(execFile)(join(folder, 'prometheus'), { maxBuffer: 1 << 26 });
  running.child.stdin?.end(JSON.stringify(request));
  const answer = JSON.parse((await running).stdout) as {
    queries?: ReadQuery[];
    alerts: FiringAlert[];
    error?: string;
  };
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}
