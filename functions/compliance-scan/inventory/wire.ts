/** Whether something is an object with keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text at a path; undefined when it is empty or something else. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = follow(value, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The list at a path; a lone object counts as a list of it. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = follow(value, path);
  if (Array.isArray(found)) return found as readonly unknown[];
  return isRecord(found) ? [found] : [];
}

/** The texts under a key of each entry of the list at a path. */
export function textsAt(value: unknown, path: readonly string[], key: string): string[] {
  return listAt(value, ...path).flatMap((entry) => textAt(entry, key) ?? []);
}

function follow(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}
