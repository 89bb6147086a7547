import { LakewardenError } from '#shared/errors/error.ts';
import { adoptRowGroups } from '#shared/parquet/adopted-footer.ts';
import { ConcatTail } from '#shared/parquet/concat-tail.ts';
import { findSchemaChanges, isCompatible } from '#shared/parquet/engine-schema.ts';
import type { Footer } from '#shared/parquet/footer.ts';
import type { PieceManifest } from '#shared/parquet/piece-manifest.ts';

/** What an engine may change of a schema: nothing that shows in the file, or whatever a table over it does not notice. */
export type SchemaPolicy = 'same' | 'compatible';

/** The footer for a file that an engine wrote, and whether it tells the old schema. */
export interface AdoptedTail {
  readonly bytes: Uint8Array;
  readonly keepsSchema: boolean;
}

/**
 * Builds a footer that is put behind a file of an engine. It lists the engine's row groups under the old file's schema, to the
 * byte, and has its metadata and our list of pieces, which no engine writes.
 * @throws parquet.unsupported with all that the engine changed, when the row groups cannot stand under the old schema
 */
export function buildAdoptedTail(
  path: string,
  before: Footer,
  after: Footer,
  length: number,
  manifest: PieceManifest,
  policy: SchemaPolicy,
): AdoptedTail {
  if (after.rows !== before.rows) throw refuse(path, [`it has ${after.rows} rows where ${before.rows} were`]);
  const changes = findSchemaChanges(before.schema, after.schema);
  const keepsSchema = changes.length === 0;
  if (!keepsSchema && !(policy === 'compatible' && isCompatible(before.schema, after.schema)))
    throw refuse(path, changes);
  const tail = new ConcatTail(length);
  tail.add({ length, footer: keepsSchema ? adoptRowGroups(before, after) : after.bytes });
  return { bytes: tail.finish(manifest), keepsSchema };
}

const shown = 10;

function refuse(path: string, changes: readonly string[]): LakewardenError {
  const rest = changes.length > shown ? `; and ${changes.length - shown} more` : '';
  const reason = changes.slice(0, shown).join('; ') + rest;
  return new LakewardenError('parquet.unsupported', `Hive cannot write ${path} as it is: ${reason}`, {
    details: { path },
  });
}
