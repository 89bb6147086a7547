import { crc32 } from 'node:zlib';
import { pageHeader, type PageHeader } from '../footer-codec/page-header.ts';
import { WireReader } from '../footer-codec/wire.ts';
import { corrupt, unsupported } from './fault.ts';

/** A page as it stands in a column chunk. */
export interface Page {
  readonly header: PageHeader;
  /** Header and body. */
  readonly bytes: Uint8Array;
  readonly body: Uint8Array;
}

/** A data page of either version. */
export interface DataPage extends Page {
  readonly version: 1 | 2;
  readonly encoding: string;
  /** Values, nulls included. */
  readonly values: number;
}

/** The pages of a column chunk. */
export interface ChunkPages {
  readonly dictionary: Page | undefined;
  readonly data: readonly DataPage[];
}

/** The longest page that is taken into memory or made, in bytes. */
export const longestPage = 256 * 1024 * 1024;
/** The most values of a page: a few bytes can claim any number of levels, which take memory. */
const mostValues = 16 * 1024 * 1024;

/**
 * Finds the pages in the bytes of a whole column chunk of `values` values. What a page is, its header says; offsets in
 * footers cannot be relied on. `onPage` is told the number of each page before it is looked at.
 * @throws parquet.corrupt, and parquet.unsupported for pages and encodings that are not known
 */
export function readPages(bytes: Uint8Array, values: number, onPage: (page: number) => void): ChunkPages {
  const reader = new WireReader(bytes);
  let dictionary: Page | undefined;
  const data: DataPage[] = [];
  let found = 0;
  for (let index = 0; reader.at < bytes.length; index++) {
    onPage(index);
    const page = readPage(reader);
    if (page.header.type === 'DICTIONARY_PAGE') {
      if (index > 0) throw corrupt('a dictionary page that is not the first page');
      dictionary = checkDictionary(page);
    } else {
      const dataPage = asDataPage(page);
      found += dataPage.values;
      data.push(dataPage);
    }
  }
  if (found !== values) throw corrupt(`the pages hold ${found} values, the footer says ${values}`);
  return { dictionary, data };
}

function readPage(reader: WireReader): Page {
  const start = reader.at;
  const header = pageHeader.read(reader, 0);
  const { compressed_page_size: size, uncompressed_page_size: inflated, crc } = header;
  const left = reader.bytes.length - reader.at;
  if (size < 0 || size > left) throw corrupt(`the header claims ${size} bytes, ${left} are left in the chunk`);
  if (inflated < 0) throw corrupt(`the header claims ${inflated} bytes`);
  if (inflated > longestPage) throw unsupported(`a page of ${inflated} bytes; ${longestPage} are the limit`);
  const body = reader.bytes.subarray(reader.at, reader.at + size);
  reader.advance(size);
  if (crc !== undefined && crc32(body) !== crc >>> 0)
    throw corrupt('the checksum of the page is not that of its bytes');
  return { header, bytes: reader.bytes.subarray(start, reader.at), body };
}

function checkDictionary(page: Page): Page {
  const header = page.header.dictionary_page_header;
  if (header === undefined) throw corrupt('a dictionary page has no header of its own');
  if (header.num_values < 0) throw corrupt(`a dictionary of ${header.num_values} entries`);
  if (header.encoding !== 'PLAIN' && header.encoding !== 'PLAIN_DICTIONARY')
    throw unsupported(`a dictionary in the encoding ${header.encoding}`);
  return page;
}

function asDataPage({ header, bytes, body }: Page): DataPage {
  const { type, data_page_header: first, data_page_header_v2: second } = header;
  if (type !== 'DATA_PAGE' && type !== 'DATA_PAGE_V2') throw unsupported(`a page of the type ${type}`);
  const version = type === 'DATA_PAGE' ? 1 : 2;
  const own = version === 1 ? first : second;
  if (own === undefined) throw corrupt('a data page has no header of its own');
  if (own.num_values < 0) throw corrupt(`a page of ${own.num_values} values`);
  if (own.num_values > mostValues) throw unsupported(`a page of ${own.num_values} values; ${mostValues} are the limit`);
  return { header, bytes, body, version, encoding: own.encoding, values: own.num_values };
}
