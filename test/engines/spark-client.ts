import type { Answer } from './answer.ts';

/** Asks Spark a query with settings of the session. Throws with the beginning of Spark's own words, and after a minute. */
export async function askSpark(
  address: string,
  sql: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = JSON.stringify({ sql, settings });
  const response = await fetch(address, { method: 'POST', body, signal: AbortSignal.timeout(60_000) });
  const { rows, error } = (await response.json()) as { rows: Answer; error?: string };
  if (error !== undefined) throw new Error(error);
  return rows;
}
