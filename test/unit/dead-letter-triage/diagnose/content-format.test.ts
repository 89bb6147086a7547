import { expect, test } from '@jest/globals';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { contentFormat } from '#functions/dead-letter-triage/diagnose/content-format.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

test.each([
  [null, 'null'],
  [Buffer.alloc(0), 'empty'],
  [Buffer.from('  {"a":1}'), 'json'],
  [Buffer.from('\uFEFF[1]'), 'json'],
  [Buffer.from('-1.5'), 'json'],
  [Buffer.from('"text"'), 'json'],
  [Buffer.from('\uFEFF "text" '), 'json'],
  [Buffer.from(' 0\n'), 'json'],
  [Buffer.from('{"cut'), 'json'],
  [Buffer.from('2019-09-01 12:00:00 ERROR orders'), 'text'],
  [Buffer.from('17,Berlin,3.5'), 'text'],
  [Buffer.from('"17","Berlin"'), 'text'],
  [Buffer.from('-- end --'), 'text'],
  [Buffer.from('"never closed'), 'text'],
  [Buffer.from('007'), 'text'],
  [Buffer.from('<?xml version="1.0"?>'), 'xml'],
  [Buffer.from('\uFEFF<html>'), 'xml'],
  [Buffer.from('ERROR: für Elise\n'), 'text'],
  [Buffer.from('M\xfcller', 'latin1'), 'text'],
  [Buffer.from('\x1b[31mred'), 'text'],
  [Buffer.from('\uFEFF{}', 'utf16le'), 'utf16'],
  [Buffer.from('{"a":1}', 'utf16le'), 'utf16'],
  [Buffer.from('{"a":1}', 'utf16le').swap16(), 'utf16'],
  [Buffer.from('Привет, мир'), 'text'],
  [Buffer.from('я'.repeat(2_500)).subarray(0, 4_097), 'text'],
  [hex('0000000029021461'), 'binary'],
  [hex('ffffffffffffffea'), 'binary'],
  [hex('4f626a0104'), 'avro-container'],
  [hex('5041523115'), 'parquet'],
  [hex('4f524300'), 'orc'],
  [gzipSync('x'), 'gzip'],
  [zstdCompressSync('x'), 'zstd'],
  [hex('04224d186440a7'), 'lz4'],
  [hex('82534e41505059000000000100000001'), 'snappy'],
  [hex('ff060000734e61507059'), 'snappy'],
  [hex('504b030414'), 'zip'],
  [hex('aced00057372'), 'java-serialised'],
  [hex('89504e470d0a1a0a'), 'png'],
  [Buffer.from('%PDF-1.7'), 'pdf'],
  [hex('1f'), 'binary'],
] as const)('%p is %s', (bytes, format) => {
  expect(contentFormat(bytes)).toBe(format);
});
