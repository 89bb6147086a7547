import { z } from 'zod';
import { LakewardenError } from '../errors/error.ts';

/** The key in a footer's key-value metadata under which a merged file tells what it was made of. */
export const manifestKey = 'lakewarden.pieces';

/** A file that went into a merged file. */
export interface Piece {
  /** Its name in the partition's folder; a name as Kafka Connect gives holds the offsets. */
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /** Milliseconds since the epoch. */
  readonly modificationTime: number;
  /** Milliseconds since the epoch; 0 where access times are turned off. */
  readonly accessTime: number;
  /** The number of its inode. */
  readonly fileId: number;
  readonly rows: number;
  /** What it was made of, when it was a merged file itself. */
  readonly made?: PieceManifest;
}

/** How the pieces stand in a merged file. */
export type Form = 'concat' | 'rewritten' | 'swapped';

/**
 * What a merged file was made of. The pieces' rows stand in the order of the list. In the form `concat` the pieces' bytes
 * stand one after the other from the beginning of the file on, each as it was; in the form `rewritten` only the rows do. In
 * the form `swapped` the bytes do, too, but the rows were written anew behind them, and the footer lists only those.
 */
export interface PieceManifest {
  readonly form: Form;
  /** What wrote the rows anew: the number of that rewrite, and when it was, in milliseconds since the epoch. */
  readonly rewrite?: { readonly id: string; readonly at: number };
  /** What all pieces had in common. */
  readonly owner: string;
  readonly group: string;
  /** Octal text such as `644`. */
  readonly permission: string;
  readonly replication: number;
  /** Extended ACL entries such as `user:alice:r--`. */
  readonly acl: readonly string[];
  readonly pieces: readonly Piece[];
}

/** A piece that was written by a writer and not by us, and where its rows stand in the merged file. */
export interface PlacedPiece extends Piece {
  /** Row of the merged file at which it begins. */
  readonly firstRow: number;
}

const version = 1;
const count = z.int().min(0);

// Without the names of the fields: with them, the footer of a thousand pieces would be twice as long.
type StoredPiece = [string, number, number, number, number, number, made?: Stored | undefined];
interface Stored extends Omit<PieceManifest, 'acl' | 'pieces' | 'rewrite'> {
  version: typeof version;
  rewrite?: { id: string; at: number } | undefined;
  acl: string[];
  pieces: StoredPiece[];
}
const stored: z.ZodType<Stored> = z.object({
  version: z.literal(version),
  form: z.enum(['concat', 'rewritten', 'swapped']),
  rewrite: z.object({ id: z.string(), at: count }).optional(),
  owner: z.string(),
  group: z.string(),
  permission: z.string(),
  replication: count,
  acl: z.array(z.string()),
  pieces: z
    .array(z.tuple([z.string().min(1), count, count, count, count, count, z.lazy(() => stored).optional()]))
    .min(1),
});

/** The text that stands in the footer. */
export function encodeManifest(manifest: PieceManifest): string {
  return JSON.stringify(toStored(manifest));
}

/** Reads the text again. @throws parquet.corrupt when it is not what `encodeManifest` writes */
export function decodeManifest(text: string): PieceManifest {
  try {
    return fromStored(stored.parse(JSON.parse(text)));
  } catch (cause) {
    const reason = `its ${manifestKey} is no list of pieces that this version knows`;
    throw new LakewardenError('parquet.corrupt', `The Parquet footer is corrupt: ${reason}`, {
      details: { reason },
      cause,
    });
  }
}

/** The files that writers wrote, in the order of their rows, also those that were merged several times. */
export function* writtenPieces({ pieces }: PieceManifest, firstRow = 0): Generator<PlacedPiece> {
  let row = firstRow;
  for (const piece of pieces) {
    if (piece.made === undefined) yield { ...piece, firstRow: row };
    else yield* writtenPieces(piece.made, row);
    row += piece.rows;
  }
}

/** Bytes in a merged file that stand there from before its rows were written anew: no row group lies in them. */
export function deadBytes({ form, pieces }: PieceManifest): number {
  if (form === 'rewritten') return 0;
  return pieces.reduce(
    (sum, { length, made }) => sum + (form === 'swapped' ? length : made === undefined ? 0 : deadBytes(made)),
    0,
  );
}

/** When rows of a merged file, or of a piece of it, were last written anew, in milliseconds since the epoch; 0 for never. */
export function lastRewrite({ rewrite, pieces }: PieceManifest): number {
  return pieces.reduce(
    (latest, { made }) => Math.max(latest, made === undefined ? 0 : lastRewrite(made)),
    rewrite?.at ?? 0,
  );
}

function toStored({ pieces, acl, ...common }: PieceManifest): Stored {
  const storedPieces = pieces.map(({ name, length, modificationTime, accessTime, fileId, rows, made }): StoredPiece => {
    const own = [name, length, modificationTime, accessTime, fileId, rows] as const;
    return made === undefined ? [...own] : [...own, toStored(made)];
  });
  return { version, ...common, acl: [...acl], pieces: storedPieces };
}

function fromStored({ form, rewrite, owner, group, permission, replication, acl, pieces }: Stored): PieceManifest {
  const read = ([name, length, modificationTime, accessTime, fileId, rows, made]: StoredPiece): Piece => ({
    name,
    length,
    modificationTime,
    accessTime,
    fileId,
    rows,
    ...(made !== undefined && { made: fromStored(made) }),
  });
  const common = { form, owner, group, permission, replication, acl, ...(rewrite !== undefined && { rewrite }) };
  return { ...common, pieces: pieces.map(read) };
}
