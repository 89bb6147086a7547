import type { ChunkClaims } from './claims.ts';
import { inflate } from './codec.ts';
import { type Dictionary, readDictionary } from './dictionary-union.ts';
import { aboutPlace, type Place } from './fault.ts';
import type { Leaf } from './leaf.ts';
import { type ChunkPages, type DataPage, type Page, readPages } from './page.ts';

/** A column chunk that is to be merged with others. */
export interface ChunkInput {
  readonly place: Place;
  readonly claims: ChunkClaims;
  /** All its pages. */
  readonly bytes: Uint8Array;
  /** Rows of its row group. */
  readonly rows: number;
}

/** A column chunk whose pages were found. */
export interface Chunk extends ChunkPages {
  readonly input: ChunkInput;
}

/** Finds the pages of a column chunk. @throws parquet.corrupt, parquet.unsupported, which name the place */
export function openChunk(input: ChunkInput): Chunk {
  let page = -1;
  try {
    const pages = readPages(input.bytes, input.claims.values, (at) => {
      page = at;
    });
    return { ...pages, input };
  } catch (error) {
    throw aboutPlace({ ...input.place, page }, error);
  }
}

/** The entries of a chunk's dictionary, which it must have. @throws parquet.corrupt, which names the place */
export function dictionaryOf({ input: { place, claims }, dictionary }: Chunk, { width }: Leaf): Dictionary {
  try {
    const page = dictionary as Page;
    const bytes = inflate(claims.codec, page.body, page.header.uncompressed_page_size);
    return readDictionary(bytes, entriesOf(page), width);
  } catch (error) {
    throw aboutPlace({ ...place, page: 0 }, error);
  }
}

/** True when the values of a page are indices to a dictionary. */
export function isIndexed({ encoding }: DataPage): boolean {
  return encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';
}

/** True when a chunk has a dictionary and pages that need it. */
export function usesDictionary({ dictionary, data }: ChunkPages): boolean {
  return dictionary !== undefined && data.some(isIndexed);
}

/** Entries of a dictionary page, as its header counts them. */
export function entriesOf(dictionary: Page): number {
  return dictionary.header.dictionary_page_header?.num_values ?? 0;
}
