import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionNames, type Manifest, readManifests, repository } from './manifests.ts';

/** Kinds that the cluster makes of ours, by the names that people type. */
const kindsOfCluster = ['pods', 'revisions', 'revision', 'deployment', 'ksvc', 'podmonitors'];

const files = globSync('manifests/**/*.yaml', { cwd: repository }).filter((path) => !path.includes('/settings'));
const texts = [...files, ...globSync('functions/*/func.yaml', { cwd: repository })].map((path) =>
  readFileSync(join(repository, path), 'utf8'),
);
const objects: readonly Manifest[] = texts
  .flatMap((text) => readManifests(text))
  .filter((object) => typeof object?.kind === 'string' && typeof object.metadata?.name === 'string');
const groups = new Map(objects.map(({ kind, apiVersion }) => [plural(kind), apiVersion.split('/')[0] ?? '']));

function plural(kind: string): string {
  const name = kind.toLowerCase();
  return name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`;
}

/** True for a kind of ours or of the cluster, `triggers` or `broker`, with its group behind a dot where it has one. */
function isKind(word: string): boolean {
  const [name = '', ...group] = word.split('.');
  const known = [name, `${name}s`].find((one) => groups.has(one));
  if (known === undefined) return kindsOfCluster.includes(word);
  return group.length === 0 || groups.get(known) === group.join('.');
}

/** True for an object that our manifests have or refer to. */
function isNamed(name: string): boolean {
  return texts.some((text) =>
    new RegExp(`\\b(name|configMap|secret|secretName|serviceAccountName): ${name}$`, 'm').test(text),
  );
}

/** What is wrong with the words behind `kubectl`: files, kinds, objects and functions that our manifests do not have. */
export function findFault(words: readonly string[]): string | undefined {
  const { plain, options } = split(words);
  for (const [option, value] of options) {
    if (['-f', '-k'].includes(option) && value !== '-' && !value.startsWith('rendered/') && !isThere(value))
      return `no ${value}`;
    if (option === '-n' && !['knative-serving', 'knative-eventing'].includes(value) && !isNamed(value))
      return `no namespace ${value}`;
    const labelled = /^(?:app\.kubernetes\.io\/name|serving\.knative\.dev\/service)=(.+)$/.exec(value)?.[1];
    const name = option === '-c' ? value : option === '-l' ? (labelled ?? value) : undefined;
    if (name !== undefined && !['FUNCTION', ...functionNames].includes(name)) return `no function ${name}`;
  }
  const [verb = '', first = '', ...rest] = plain;
  if (verb === 'kustomize') return isThere(first) ? undefined : `no folder ${first}`;
  if (verb === 'create') {
    const name = rest.at(-1) ?? '';
    return isNamed(name) ? undefined : `nothing of ours names ${first} ${name}`;
  }
  if (['get', 'wait', 'describe', 'delete'].includes(verb)) return faultOfObjects(first, rest);
  return ['apply', 'logs', 'auth'].includes(verb) || plain.length < 2 ? undefined : `no check for ${verb}`;
}

function faultOfObjects(kinds: string, names: readonly string[]): string | undefined {
  if (kinds === '') return undefined;
  const [kind = '', name] = kinds.split('/');
  const unknown = kind.split(',').find((one) => !isKind(one));
  if (unknown !== undefined) return `no kind ${unknown}`;
  return [...names, ...(name === undefined ? [] : [name])].find((one) => one !== 'FUNCTION' && !isNamed(one)) ===
    undefined
    ? undefined
    : `no object ${names.join(' ')}${name ?? ''}`;
}

function isThere(path: string): boolean {
  return existsSync(join(repository, path));
}

/** Words that stand by themselves, and options with their values. */
function split(words: readonly string[]): { plain: string[]; options: [string, string][] } {
  const plain: string[] = [];
  const options: [string, string][] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) plain.push(word);
    else if (/^-[a-z]$/.test(word)) options.push([word, words[++at] ?? '']);
    else options.push([word.split('=')[0] ?? '', word.split('=')[1] ?? '']);
  }
  return { plain, options };
}
