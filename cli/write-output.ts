import { writeFileSync } from 'node:fs';
import { LakewardenError } from '#shared/errors/error.ts';

/** Writes what a command made into a file that its user named. @throws config.invalid when that cannot be done */
export function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new LakewardenError('config.invalid', `${file} cannot be written`, { cause });
  }
}
