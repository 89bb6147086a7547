import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';
import { knownKeys, requireStrict, schemaAt } from './schema.ts';
import { overlayFiles } from './settings-files.ts';
import { overlayVariables } from './settings-variables.ts';
import { suggest } from './suggest.ts';
import { emptyTree, overlay, sourceOf, type Tree } from './tree.ts';

/** Where settings come from; later ones win: `values`, then the files, then the variables. */
export interface SettingsSources {
  /** The variables, `LAKEWARDEN_<KEY>` among them; by default the process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** A YAML or JSON file, or a folder of them; by default what `LAKEWARDEN_CONFIG` names. */
  readonly files?: string | undefined;
  /** Settings handed over as data, as OpenWhisk does. */
  readonly values?: Record<string, unknown>;
}

/** A folder that holds no settings at all has a fault for each of its files. */
const toldAtMost = 20;

/**
 * Reads settings and checks them by a schema of strict objects.
 * @throws LakewardenError `config.invalid` that names every fault with its key, source and reason, and shows no value.
 */
export function readSettings<Schema extends z.ZodType>(
  schema: Schema,
  sources: SettingsSources = {},
): z.output<Schema> {
  requireStrict(schema);
  const env = sources.env ?? process.env;
  const files = sources.files ?? env['LAKEWARDEN_CONFIG'];
  const tree = emptyTree();
  if (sources.values) overlay(tree, sources.values, 'the given values');
  const faults = files ? overlayFiles(tree, files) : [];
  faults.push(...overlayVariables(tree, schema, env));
  const read = schema.safeParse(tree.values);
  if (!read.success) faults.push(...read.error.issues.flatMap((issue) => describeIssue(issue, schema, tree)));
  if (faults.length === 0 && read.success) return read.data;
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  const more = faults.length > toldAtMost ? [`and ${faults.length - toldAtMost} more`] : [];
  const told = [...faults.slice(0, toldAtMost), ...more].join(' | ');
  throw new LakewardenError('config.invalid', `${count} in the settings: ${told}`, {
    details: { faults: faults.length },
  });
}

function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodType, tree: Tree): string[] {
  const from = (path: readonly PropertyKey[]): string => sourceOf(tree, path) ?? 'not set';
  if (issue.code === 'unrecognized_keys') {
    const inside = schemaAt(schema, issue.path);
    const known = (inside && knownKeys(inside)?.keys()) ?? [];
    return issue.keys.map((key) => {
      const near = suggest(key, known);
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      return `${nameOf([...issue.path, key])} (${from([...issue.path, key])}): unknown key${hint}`;
    });
  }
  return [`${nameOf(issue.path)} (${from(issue.path)}): ${issue.message}`];
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.join('.') || 'settings';
}
