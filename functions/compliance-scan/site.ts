import type { Settings } from './config.ts';
import { labelOf, type Resource } from './model/resource.ts';

/** Says who owns a resource: by the first of these labels that it has, else as its system names an owner. */
export function ownerBy({ ownerLabels }: Settings['site']): (resource: Resource) => string | undefined {
  return (resource) => {
    for (const label of ownerLabels) {
      const owner = labelOf(resource, label)?.trim();
      if (owner !== undefined && owner !== '') return owner;
    }
    const { owner } = (resource.body ?? {}) as { readonly owner?: unknown };
    return typeof owner === 'string' && owner !== '' ? owner : undefined;
  };
}
