/**
 * The fields that somebody owns, as paths such as `spec.template.spec.containers[name="trino"].image`, in order. The form is that
 * of FieldsV1: sigs.k8s.io/structured-merge-diff, fieldpath/serialize-pe.go. Only the ends of paths are told.
 */
export function readFieldPaths(fields: unknown): string[] {
  const paths: string[] = [];
  walk(fields, '', paths, 0);
  return paths.toSorted();
}

function walk(fields: unknown, path: string, paths: string[], depth: number): void {
  const inner = isRecord(fields) ? Object.entries(fields).filter(([key]) => key !== '.') : [];
  if (inner.length === 0 || depth > 64) {
    if (path !== '') paths.push(path);
    return;
  }
  for (const [key, value] of inner) walk(value, path + step(key, path === ''), paths, depth + 1);
}

function step(element: string, first: boolean): string {
  const [kind, rest] = [element.slice(0, 2), element.slice(2)];
  if (kind === 'f:') return /^[A-Za-z_][\w-]*$/.test(rest) ? `${first ? '' : '.'}${rest}` : `[${JSON.stringify(rest)}]`;
  if (kind === 'k:') return `[${readKeys(rest)}]`;
  return `[${rest}]`;
}

/** `{"containerPort":80,"protocol":"TCP"}` as `containerPort=80,protocol="TCP"`. */
function readKeys(text: string): string {
  try {
    const keys: unknown = JSON.parse(text);
    if (isRecord(keys))
      return Object.entries(keys)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',');
  } catch {
    // It is shown as it stands.
  }
  return text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
