import type { PolicyRule } from './rbac.ts';

/** Things that a role may allow by which somebody becomes more than he was, or sees what is secret. */
export type Power = 'everything' | 'any-verb' | 'escalate' | 'secrets' | 'exec';

/** Says what a power is, after `it may`. */
export const powerWords: Readonly<Record<Power, string>> = {
  everything: 'do everything with everything',
  'any-verb': 'do everything with resources of some kind',
  escalate: 'give itself more rights',
  secrets: 'read secrets',
  exec: 'run commands in pods',
};

/** Which powers the rules of a role give, in order. */
export function powersOf(rules: readonly PolicyRule[] | undefined): Power[] {
  const found = new Set<Power>();
  for (const rule of rules ?? []) for (const power of powersOfRule(rule)) found.add(power);
  return [...found].toSorted();
}

function* powersOfRule({
  verbs = [],
  apiGroups = [],
  resources = [],
  resourceNames = [],
}: PolicyRule): Generator<Power> {
  const may = (...wanted: string[]): boolean => verbs.includes('*') || wanted.some((verb) => verbs.includes(verb));
  const on = (group: string, ...wanted: string[]): boolean =>
    (apiGroups.includes('*') || apiGroups.includes(group)) &&
    (resources.includes('*') || wanted.some((each) => covers(resources, each)));
  // A rule for certain objects by name is a narrow one, whatever it allows with them.
  const named = resourceNames.length > 0;
  if (verbs.includes('*') && resources.includes('*') && !named)
    yield apiGroups.includes('*') ? 'everything' : 'any-verb';
  else if (verbs.includes('*') && apiGroups.includes('*') && !named) yield 'any-verb';
  const roles = ['roles', 'clusterroles'];
  if (!verbs.includes('*') || resources.includes('*') || named) {
    if (verbs.includes('escalate') && on('rbac.authorization.k8s.io', ...roles)) yield 'escalate';
    if (verbs.includes('bind') && on('rbac.authorization.k8s.io', ...roles)) yield 'escalate';
  } else if (on('rbac.authorization.k8s.io', ...roles)) yield 'escalate';
  if (may('impersonate') && !named && on('', 'users', 'groups', 'serviceaccounts')) yield 'escalate';
  if (may('create') && on('', 'serviceaccounts/token')) yield 'escalate';
  if (may('create', 'update', 'patch') && on('certificates.k8s.io', 'certificatesigningrequests/approval'))
    yield 'escalate';
  if (may('get', 'create') && on('', 'nodes/proxy')) yield 'escalate';
  // A list shows the content too; one by name shows those alone.
  if (may('get', 'list', 'watch') && !named && on('', 'secrets')) yield 'secrets';
  if (may('create', 'get') && !named && on('', 'pods/exec', 'pods/attach')) yield 'exec';
}

/** `*` stands for a whole name or a subresource of all: `pods/*` covers `pods/exec`, and so does a star before `/exec`. */
function covers(resources: readonly string[], wanted: string): boolean {
  const [parent, sub] = wanted.split('/');
  return resources.some(
    (each) => each === wanted || (sub !== undefined && (each === `*/${sub}` || each === `${parent}/*`)),
  );
}
