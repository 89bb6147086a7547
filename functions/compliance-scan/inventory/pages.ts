import { LakewardenError } from '#shared/errors/error.ts';

/** One page of a listing, and what to ask for the next one with. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string | undefined;
}

/**
 * All pages of a listing, one after the other; stops after a page without a token. Throws `inventory.incomplete` when a token
 * comes twice: the listing would never end, and stopping would pass for the end.
 */
export async function* readPages<Item>(
  what: string,
  ask: (token: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[]> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const { items, next } = await ask(token);
    yield items;
    token = next === '' ? undefined : next;
    if (token !== undefined && seen.has(token))
      throw new LakewardenError('inventory.incomplete', `${what} gave the same token for a next page twice`);
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
}

/** All items of a listing whose whole is small. */
export async function readAll<Item>(
  what: string,
  ask: (token: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  for await (const items of readPages(what, ask)) all.push(...items);
  return all;
}
