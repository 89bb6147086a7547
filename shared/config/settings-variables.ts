import { z } from 'zod';
import { parse } from 'yaml';
import { elementSchema, knownKeys } from './schema.ts';
import { suggest } from './suggest.ts';
import { overlay, type Tree } from './tree.ts';

const prefix = 'LAKEWARDEN_';
// Read by readEnvironment, or by tests.
const reserved = /^LAKEWARDEN_(CONFIG|LOG_LEVEL|TEST_.*)$/;
// Kubernetes announces each Service of a namespace by such variables; one named `lakewarden` must not break the settings.
const serviceLink = /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)$/;

/**
 * Lays `LAKEWARDEN_<KEY>` variables over a tree: `__` goes one level down, `nameNode` is written `NAME_NODE`, and
 * `<KEY>_FILE` names the file of a secret. Returns the faults found, one sentence each.
 */
export function overlayVariables(tree: Tree, schema: z.core.$ZodType, env: NodeJS.ProcessEnv): string[] {
  const faults: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !name.startsWith(prefix) || reserved.test(name) || isServiceLink(name, text)) continue;
    const found = findKey(schema, name.slice(prefix.length).split('__'));
    if (typeof found === 'string') {
      faults.push(`variable ${name}: ${found}`);
      continue;
    }
    const value = found.file ? { file: text } : readValue(found.schema, text);
    const key = found.path.at(-1) ?? '';
    overlay(tree, { [key]: value }, `variable ${name}`, found.path.slice(0, -1));
  }
  return faults;
}

function isServiceLink(name: string, text: string): boolean {
  return serviceLink.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(text));
}

interface FoundKey {
  path: string[];
  schema: z.core.$ZodType;
  file: boolean;
}

function findKey(schema: z.core.$ZodType, segments: string[]): FoundKey | string {
  const path: string[] = [];
  let at = schema;
  for (const [index, segment] of segments.entries()) {
    const keys = knownKeys(at);
    if (!keys) {
      const element = elementSchema(at);
      if (!element) return `${path.join('.')} has no keys below it`;
      path.push(segment.toLowerCase());
      at = element;
      continue;
    }
    const names = new Map([...keys.keys()].map((key) => [toVariableName(key), key]));
    const isLast = index === segments.length - 1;
    const bare = isLast && segment.endsWith('_FILE') ? names.get(segment.slice(0, -5)) : undefined;
    const key = names.get(segment) ?? bare;
    const next = key === undefined ? undefined : keys.get(key);
    if (key === undefined || next === undefined) return unknownKey(segment, names.keys());
    path.push(key);
    at = next;
    if (key === bare) return { path, schema: at, file: true };
  }
  return { path, schema: at, file: false };
}

function unknownKey(segment: string, names: Iterable<string>): string {
  const near = suggest(segment, names);
  return `unknown key ${segment}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function toVariableName(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
}

// The schema decides: a text stays a text where one is wanted, so that a name made of digits is no number.
function readValue(schema: z.core.$ZodType, text: string): unknown {
  if (z.safeParse(schema, text).success) return text;
  try {
    return parse(text) as unknown;
  } catch {
    return text;
  }
}
