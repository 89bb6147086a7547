import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readSettings } from '#shared/config/read-settings.ts';
import { isRecord } from '#shared/config/tree.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { type Declared, declaredSchema } from './declared-schema.ts';
import {
  type Field,
  feedKey,
  fieldOf,
  flatten,
  idOf,
  ownerKey,
  type Pair,
  parameterName,
  soundsSecret,
  type Wanted,
} from './entity.ts';
import { feedOf, keptParameters } from './feeds.ts';
import { revealSecrets } from './secrets.ts';

/** Bytes of an action's code, and of parameters of one thing, that OpenWhisk takes. */
const most = { code: 48 * 1_048_576, parameters: 1_048_576 };

/** What is to be there, and whose it is. */
export interface State {
  readonly owner: string;
  readonly things: readonly Wanted[];
}

/**
 * Reads what the YAML files of a folder declare, with code and secrets. The key seals what only the feeds' providers know, so
 * that a change is seen and nothing can be guessed.
 * @throws LakewardenError `config.invalid`, `limit.exceeded`
 */
export function readState(folder: string, key: string): State {
  const declared = readSettings(declaredSchema, { files: folder, env: {} });
  const { owner } = declared;
  const things = [
    ...Object.entries(declared.packages).map(([name, one]) =>
      thing('package', name, [], { ...one.annotations, [ownerKey]: owner }),
    ),
    ...Object.entries(declared.actions).map(([name, one]) => actionOf(name, one, owner, folder)),
    ...Object.entries(declared.triggers).flatMap(([name, one]) => triggerOf(name, one, owner, folder, key)),
    ...Object.entries(declared.rules).map(([name, one]) => ruleOf(name, one, owner)),
  ];
  requireWhole(things);
  return { owner, things };
}

function thing(
  kind: Wanted['kind'],
  name: string,
  fields: readonly [string, Field][],
  annotations: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>> = {},
  needs: readonly string[] = [],
): Wanted {
  const told = Object.entries(annotations).map(([key, value]): [string, Field] => [
    `annotations.${key}`,
    fieldOf(value, key === 'require-whisk-auth'),
  ]);
  return {
    kind,
    name,
    fields: new Map([...fields, ...told]),
    needs,
    body: { ...body, annotations: Object.entries(annotations).map(([key, value]): Pair => ({ key, value })) },
  };
}

function actionOf(name: string, declared: Declared['actions'][string], owner: string, folder: string): Wanted {
  const { kind, image, limits, web } = declared;
  const code = readCode(name, resolve(folder, declared.code));
  const token = revealSecrets('webToken', declared.webToken, folder).value;
  const settings = revealSecrets('settings', declared.settings, folder);
  const files = revealSecrets('files', declared.files, folder);
  const environment = revealSecrets('environment', declared.environment, folder);
  const isSecret = (path: string): boolean =>
    path.startsWith('files.') || settings.secrets.has(path) || environment.secrets.has(path) || soundsSecret(path);
  const parameters: Pair[] = [
    ...(Object.keys(declared.settings).length > 0 ? [{ key: 'lakewarden', value: settings.value }] : []),
    ...(Object.keys(declared.files).length > 0 ? [{ key: 'lakewardenFiles', value: files.value }] : []),
    ...Object.entries(environment.value as object).map(([key, value]) => ({ key, value, init: true })),
  ];
  requireSize(`action ${name}`, parameters);
  const webAnnotations =
    web === 'no'
      ? { 'web-export': false, 'raw-http': false }
      : // Final: what a request brings must not stand for what is bound.
        { 'web-export': true, 'raw-http': true, final: true, 'require-whisk-auth': token ?? false };
  const sent = {
    timeout: Math.round(limits.timeoutSeconds * 1_000),
    memory: limits.memoryMb,
    logs: limits.logsMb,
    concurrency: limits.concurrency,
  };
  const fields: [string, Field][] = [
    ['kind', fieldOf(kind)],
    ...(image === undefined ? [] : ([['image', fieldOf(image)]] satisfies [string, Field][])),
    ['code', fieldOf(digestOf(code))],
    ...flatten('limits', sent, () => false),
    ...parameters.flatMap(({ key, value, init }) => flatten(parameterName(key, init), value, isSecret)),
  ];
  const annotations = { ...declared.annotations, ...webAnnotations, 'provide-api-key': false, [ownerKey]: owner };
  const exec = { kind, code, main: 'main', binary: false, ...(image === undefined ? {} : { image }) };
  const needs = [`package ${name.split('/')[0]}`];
  return thing('action', name, fields, annotations, { exec, limits: sent, parameters }, needs);
}

function triggerOf(
  name: string,
  declared: Declared['triggers'][string],
  owner: string,
  folder: string,
  key: string,
): Wanted[] {
  const source = feedOf(name, declared);
  const annotations = {
    ...declared.annotations,
    ...(source === undefined ? {} : { feed: source.feed }),
    [ownerKey]: owner,
  };
  const trigger = thing('trigger', name, [], annotations);
  if (source === undefined) return [trigger];
  const { value, secrets } = revealSecrets('parameters', source.parameters, folder);
  const parameters = isRecord(value) ? value : {};
  requireSize(`the feed of trigger ${name}`, parameters);
  // What can be changed without making the feed anew is compared by itself.
  const kept = keptParameters(source.feed, parameters);
  const names = Object.keys(parameters).toSorted();
  const seal = createHmac('sha256', key)
    .update(JSON.stringify([source.feed, names, names.map((one) => kept[one])]))
    .digest('hex');
  const isSecret = (path: string): boolean => secrets.has(path) || soundsSecret(path);
  const fields = new Map([
    ...Object.entries(parameters).map(([one, inner]): [string, Field] => {
      const path = `parameters.${one}`;
      const hides = isSecret(path) || [...secrets].some((secret) => secret.startsWith(`${path}.`));
      return [path, fieldOf(inner, hides)];
    }),
    [feedKey, fieldOf(seal.slice(0, 32))] as [string, Field],
  ]);
  const needs = [idOf(trigger)];
  return [trigger, { kind: 'feed', name, fields, needs, body: parameters, feed: source.feed }];
}

function ruleOf(name: string, { trigger, action, active }: Declared['rules'][string], owner: string): Wanted {
  const fields: [string, Field][] = [
    ['trigger', fieldOf(trigger)],
    ['action', fieldOf(action)],
    ['status', fieldOf(active ? 'active' : 'inactive')],
  ];
  const needs = [`trigger ${trigger}`, `action ${action}`];
  return thing('rule', name, fields, { [ownerKey]: owner }, { trigger, action }, needs);
}

function readCode(name: string, file: string): string {
  try {
    const code = readFileSync(file, 'utf8');
    if (Buffer.byteLength(code) <= most.code) return code;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new LakewardenError(
      'config.invalid',
      `action ${name}: its code cannot be read (${code ?? 'unknown reason'}); make package makes it`,
    );
  }
  throw new LakewardenError('limit.exceeded', `action ${name}: its code has more than ${most.code} bytes`);
}

/** How code is compared and shown. */
export function digestOf(code: string): string {
  return `sha256:${createHash('sha256').update(code).digest('hex').slice(0, 16)}`;
}

function requireSize(name: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > most.parameters)
    throw new LakewardenError('limit.exceeded', `${name}: its parameters have ${bytes} bytes, OpenWhisk takes 1 MB`);
}

/** @throws config.invalid for what needs a thing that is not declared */
function requireWhole(things: readonly Wanted[]): void {
  const known = new Set(things.map(idOf));
  const faults = things.flatMap((one) =>
    one.needs.filter((need) => !known.has(need)).map((need) => `${idOf(one)} needs ${need}, which is not declared`),
  );
  if (faults.length > 0) throw new LakewardenError('config.invalid', faults.join(' | '));
}
