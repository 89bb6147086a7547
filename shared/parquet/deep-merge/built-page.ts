import { crc32 } from 'node:zlib';
import { pageHeader, type PageHeader } from '../footer-codec/page-header.ts';
import { WireWriter } from '../footer-codec/wire-writer.ts';
import type { Bounds } from './bounds-union.ts';

/** What is known of the rows of a page. */
export interface PageContents {
  readonly rows: number;
  /** Values, nulls included. */
  readonly values: number;
  /** Values that are not null. */
  readonly defined: number;
  /** False when the page begins within a row. */
  readonly startsRow: boolean;
  /** Undefined when not known. */
  readonly bounds: Bounds | undefined;
}

/** A page that is ready to be written. */
export interface BuiltPage {
  readonly header: PageHeader;
  readonly body: Uint8Array;
  readonly contents: PageContents;
}

/** The fields of a page header that all pages have, with the checksum of the body. */
export function pageSizes(type: PageHeader['type'], inflated: number, body: Uint8Array): PageHeader {
  return { type, uncompressed_page_size: inflated, compressed_page_size: body.length, crc: crc32(body) | 0 };
}

/** The bytes of a page header. */
export function encodePageHeader(header: PageHeader): Uint8Array {
  const writer = new WireWriter();
  pageHeader.write(writer, header);
  return writer.toBytes();
}
