import { fileMetaData, type FileMetaDataFields } from './file-metadata.ts';
import { struct } from './struct.ts';
import { ThriftStruct } from './tree.ts';
import { WireReader } from './wire.ts';
import { WireWriter } from './wire-writer.ts';

/** A footer's metadata as a tree that loses nothing. */
export type MetadataTree = ThriftStruct<typeof fileMetaData.fields>;

/** The metadata of a footer and what its writer put behind it, such as a signature (which a change makes void). */
export interface OpenFooter {
  readonly metadata: MetadataTree;
  readonly trailing: Uint8Array;
}

/**
 * Opens a footer's metadata (what stands before its length and magic bytes) without copying it.
 * `metadata.toBytes()` gives the very bytes back until something is set.
 * @throws parquet.corrupt when the bytes are no whole Thrift struct
 */
export function openMetadata(bytes: Uint8Array): OpenFooter {
  const reader = new WireReader(bytes);
  reader.skipStruct();
  return {
    metadata: new ThriftStruct(fileMetaData, bytes.subarray(0, reader.at)),
    trailing: bytes.subarray(reader.at),
  };
}

/** Writes metadata from its plain form, in Thrift's shortest form. What a footer held beyond the known fields is not in it. */
export function encodeMetadata(fields: FileMetaDataFields): Uint8Array {
  const writer = new WireWriter();
  struct(fileMetaData).write(writer, fields);
  return writer.toBytes();
}

/** The end of a Parquet file: the metadata, its length in four bytes, little-endian, and the magic (parquet-format, README). */
export function encodeFooter(metadata: Uint8Array): Uint8Array {
  const writer = new WireWriter();
  writer.writeRaw(metadata);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, metadata.length, true);
  writer.writeRaw(length);
  writer.writeRaw(magic);
  return writer.toBytes();
}

const magic = new TextEncoder().encode('PAR1');
