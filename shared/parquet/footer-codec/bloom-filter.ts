import { describe, optional, required } from './description.ts';
import { i32 } from './kinds.ts';
import { struct } from './struct.ts';

const nothing = struct(describe('Empty', {}));

// Unions whose members say nothing more; each has one that anybody writes.
const algorithm = describe('BloomFilterAlgorithm', { BLOCK: optional(1, nothing) });
const hash = describe('BloomFilterHash', { XXHASH: optional(1, nothing) });
const compression = describe('BloomFilterCompression', { UNCOMPRESSED: optional(1, nothing) });

/** BloomFilterHeader of parquet.thrift: what stands before the bits. */
export const bloomFilterHeader = describe('BloomFilterHeader', {
  numBytes: required(1, i32),
  algorithm: required(2, struct(algorithm)),
  hash: required(3, struct(hash)),
  compression: required(4, struct(compression)),
});
