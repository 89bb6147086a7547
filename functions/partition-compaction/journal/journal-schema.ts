import { z } from 'zod';
import { maxLeaseSeconds } from '../config.ts';

const count = z.int().min(0);
const name = z.string().regex(/^[^/]+$/);
const file = z.looseObject({ name, length: count, modificationTime: count, accessTime: count });
const attributes = z.looseObject({
  owner: z.string(),
  group: z.string(),
  permission: z.string(),
  replication: count,
  acl: z.array(z.string()),
});

const work = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('settle') }),
  z.looseObject({
    kind: z.literal('merge'),
    topic: z.string(),
    merge: z.looseObject({
      id: z.string(),
      target: file.extend({ fileId: count, footer: z.string() }),
      sources: z.array(file.extend({ fileId: count, footer: z.string() })).min(1),
      attributes,
      bytes: count,
    }),
    tailBytes: count,
    tail: z.string(),
    blocks: z.string().optional(),
  }),
  z.looseObject({
    kind: z.literal('rewrite'),
    topic: z.string(),
    rewrite: z.looseObject({
      id: z.string(),
      file: file.extend({ name, fileId: count, footer: z.string(), rows: count }),
      attributes,
      way: z.enum(['rename', 'concat']),
      rowGroups: z.looseObject({ before: count, after: count }),
      deadBytes: count,
    }),
  }),
  z.looseObject({
    kind: z.literal('undo'),
    keep: z.boolean().optional(),
    name,
    fileId: count,
    length: count,
    manifest: attributes.extend({ pieces: z.array(file).min(1) }),
  }),
]);

/** What a journal must hold so that its work can be finished or undone; anybody might have written it. */
export const journalSchema = z.looseObject({
  version: z.literal(1),
  run: z.string().regex(/^[0-9a-f]{12}$/),
  owner: z.string(),
  leaseSeconds: z.number().min(0).max(maxLeaseSeconds),
  work,
});
