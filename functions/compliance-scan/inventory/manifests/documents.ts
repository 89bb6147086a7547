import { isCollection, parseAllDocuments, visit, type Document, type Tags } from 'yaml';

/** An object, and where its document begins. */
export interface DocumentObject {
  readonly object: object;
  /** From 1. */
  readonly line: number;
}

/**
 * The objects in the text of a manifest: one or many YAML documents, JSON, and lists, whose items are given one by one. YAML is
 * read as the API server's own parser reads it (1.1, so `yes` is true; no times). What is not meant for Kubernetes is left
 * out. Throws Error, with the line, for a text that is no YAML.
 */
export function readDocuments(text: string): DocumentObject[] {
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    customTags: withoutTimes,
    prettyErrors: false,
    logLevel: 'error',
  });
  const objects: DocumentObject[] = [];
  for (const document of 'empty' in parsed ? [] : parsed) {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${error.code} in line ${lineAt(text, error.pos[0])}`);
    // Templates such as `{{ .Values.x }}` are YAML by accident.
    if (hasOddKeys(document)) throw new Error('has keys that are no texts: is it a template?');
    const found: object[] = [];
    gather(document.toJS({ maxAliasCount: 100 }), found, 0);
    const line = lineAt(text, document.contents?.range[0] ?? 0);
    for (const object of found) objects.push({ object, line });
  }
  return objects;
}

/** `2026-01-01` and `22:22` are texts and nothing else in Kubernetes. */
function withoutTimes(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return tag !== 'timestamp' && tag !== 'intTime' && tag !== 'floatTime';
    return tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME');
  });
}

function hasOddKeys(document: Document.Parsed): boolean {
  let odd = false;
  visit(document, {
    Pair(_, { key }) {
      odd ||= isCollection(key);
      return odd ? visit.BREAK : undefined;
    },
  });
  return odd;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function gather(value: unknown, objects: object[], depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  const { kind, apiVersion, items, metadata } = value as Record<string, unknown>;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return;
  if (kind.endsWith('List') && Array.isArray(items)) {
    // Items of a typed list may leave out what the list says of all.
    const common = { apiVersion, kind: kind.slice(0, -'List'.length) };
    if (depth < 4)
      for (const item of items) gather(typeof item === 'object' ? { ...common, ...item } : item, objects, depth + 1);
    return;
  }
  const { name, generateName } = (metadata ?? {}) as Record<string, unknown>;
  const known = typeof name === 'string' ? name : generateName;
  if (typeof known !== 'string' || known === '') return;
  objects.push({ ...value, metadata: { ...(metadata as object), name: known } });
}
