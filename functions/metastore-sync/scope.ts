import type { Settings, TopicSettings } from './config.ts';
import type { Scope } from './doorbell.ts';

/** The part of a scope that lies in a topic. */
export function scopeAt({ location }: TopicSettings, scope: Scope): Scope {
  if (scope.kind !== 'paths') return scope;
  return { kind: 'paths', paths: scope.paths.filter((path) => `${path}/`.startsWith(`${location}/`)) };
}

/** The scope that covers scopes of one kind in one topic. */
export function joinScopes(scopes: readonly [Scope, ...Scope[]], { recentPartitions }: Settings): Scope {
  const [first] = scopes;
  if (first.kind === 'paths')
    return {
      kind: 'paths',
      paths: [...new Set(scopes.flatMap((scope) => (scope.kind === 'paths' ? scope.paths : [])))],
    };
  if (first.kind === 'recent') {
    const partitions = scopes.map(
      (scope) => (scope.kind === 'recent' ? scope.partitions : undefined) ?? recentPartitions,
    );
    return { ...first, partitions: Math.max(...partitions) };
  }
  return first;
}
