import { readFileSync } from 'node:fs';
import type { ErrorCode } from '#shared/errors/codes.ts';
import { LakewardenError } from '#shared/errors/error.ts';

/** Reads a token from a file. @throws the given code, which a retry may mend, since the file may be written anew at this very moment */
export function readTokenFile(file: string, code: ErrorCode): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new LakewardenError(code, `the token in ${file} cannot be read`, { cause });
  }
}
