import { openMetadata } from './footer-codec/codec.ts';
import { text } from './footer-codec/kinds.ts';
import { makeList } from './footer-codec/struct.ts';
import { schemaLeaves } from './deep-merge/leaf.ts';
import type { Footer } from './footer.ts';

/**
 * The metadata of a footer that lists the row groups of a file that an engine wrote under the schema, writer, metadata and column
 * orders of the file that it wrote anew. `findSchemaChanges` must have found nothing between the two.
 */
export function adoptRowGroups(before: Footer, after: Footer): Uint8Array {
  const { metadata } = openMetadata(before.bytes);
  const { metadata: written } = openMetadata(after.bytes);
  const paths = schemaLeaves(before.schema).map(({ path }) => path);
  const keepsOrder = hasSameOrders(before, after);
  for (const group of written.get('row_groups')?.items ?? [])
    for (const [index, chunk] of (group.get('columns')?.items ?? []).entries()) {
      const data = chunk.get('meta_data');
      data?.set('path_in_schema', makeList(text, paths[index] ?? []));
      // Bounds in another order than the footer tells would be wrong.
      if (keepsOrder) continue;
      data?.set('statistics', undefined);
      chunk.set('column_index_offset', undefined);
      chunk.set('column_index_length', undefined);
    }
  metadata.set('num_rows', written.get('num_rows'));
  metadata.set('row_groups', written.get('row_groups'));
  return metadata.toBytes();
}

function hasSameOrders(before: Footer, after: Footer): boolean {
  const [was, is] = [before.metadata.column_orders, after.metadata.column_orders];
  return was === undefined || JSON.stringify(was) === JSON.stringify(is);
}
