import type { SchemaElement } from 'hyparquet';
import { encodeFooter, encodeMetadata } from '#shared/parquet/footer-codec/codec.ts';
import type { FileMetaDataFields } from '#shared/parquet/footer-codec/file-metadata.ts';
import { pageHeader, type PageHeader } from '#shared/parquet/footer-codec/page-header.ts';
import { WireWriter } from '#shared/parquet/footer-codec/wire-writer.ts';

/** A page as a test wants it: what is not said of its header follows from its body. */
export interface HandmadePage {
  readonly header: Omit<PageHeader, 'compressed_page_size' | 'uncompressed_page_size'> & Partial<PageHeader>;
  readonly body: Uint8Array | readonly number[];
}

type ColumnChunk = FileMetaDataFields['row_groups'][number]['columns'][number];

/** What a test wants the footer to claim. */
export interface Claims {
  readonly rows?: bigint;
  readonly values?: bigint;
  readonly element?: Partial<SchemaElement>;
  readonly data?: Partial<NonNullable<ColumnChunk['meta_data']>>;
  readonly chunk?: Partial<ColumnChunk>;
  readonly footer?: Partial<FileMetaDataFields>;
}

/** A data page of version 1 with PLAIN values, of a required column. */
export function plainPage(values: number, body: HandmadePage['body'], more: Partial<PageHeader> = {}): HandmadePage {
  return dataPage(values, body, 'PLAIN', more);
}

/** A data page of version 1. */
export function dataPage(
  values: number,
  body: HandmadePage['body'],
  encoding: string,
  more: Partial<PageHeader> = {},
): HandmadePage {
  return {
    header: {
      type: 'DATA_PAGE',
      data_page_header: {
        num_values: values,
        encoding: encoding as 'PLAIN',
        definition_level_encoding: 'RLE',
        repetition_level_encoding: 'RLE',
      },
      ...more,
    },
    body,
  };
}

/** A dictionary page. */
export function dictionaryPage(values: number, body: HandmadePage['body'], encoding = 'PLAIN'): HandmadePage {
  return {
    header: { type: 'DICTIONARY_PAGE', dictionary_page_header: { num_values: values, encoding: encoding as 'PLAIN' } },
    body,
  };
}

/** A file of one row group with one column, `x`, an INT32 that is required unless the claims say otherwise. */
export function handmadeFile(pages: readonly HandmadePage[], claims: Claims = {}): Uint8Array {
  const written = pages.map(encodePage);
  const length = written.reduce((sum, page) => sum + page.length, 0);
  const values = BigInt(
    pages.reduce(
      (sum, { header }) => sum + (header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values ?? 0),
      0,
    ),
  );
  const rows = claims.rows ?? claims.values ?? values;
  const element = { name: 'x', type: 'INT32' as const, repetition_type: 'REQUIRED' as const, ...claims.element };
  const metadata = encodeMetadata({
    version: 1,
    schema: [{ name: 'root', num_children: 1 }, element],
    num_rows: rows,
    created_by: 'hand',
    column_orders: [{ TYPE_ORDER: {} }],
    row_groups: [
      {
        num_rows: rows,
        total_byte_size: BigInt(length),
        columns: [
          {
            file_offset: 0n,
            meta_data: {
              type: element.type,
              encodings: ['PLAIN'],
              path_in_schema: ['x'],
              codec: 'UNCOMPRESSED',
              num_values: claims.values ?? values,
              total_uncompressed_size: BigInt(length),
              total_compressed_size: BigInt(length),
              data_page_offset: 4n,
              ...claims.data,
            },
            ...claims.chunk,
          },
        ],
      },
    ],
    ...claims.footer,
  });
  return new Uint8Array(Buffer.concat([Buffer.from('PAR1'), ...written, encodeFooter(metadata)]));
}

function encodePage({ header, body }: HandmadePage): Uint8Array {
  const bytes = Uint8Array.from(body);
  const writer = new WireWriter();
  pageHeader.write(writer, { compressed_page_size: bytes.length, uncompressed_page_size: bytes.length, ...header });
  writer.writeRaw(bytes);
  return writer.toBytes();
}
