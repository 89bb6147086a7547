import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { z } from 'zod';

const hidden = '[secret]';

/** A value that no log, JSON text or error shows; only `reveal` gives it away. */
export class Secret {
  readonly #read: () => string;

  constructor(read: () => string) {
    this.#read = read;
  }

  /** The value itself; one from a file is read anew each time, because Kubernetes rotates mounted secrets. */
  reveal(): string {
    return this.#read();
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}

/** Schema of a secret setting: the text itself, or `{ file: path }` of a mounted file (a last line break is cut). */
export function secret(): z.ZodType<Secret> {
  const wanted = 'expected a text or { file: path }';
  return z.union([z.string(), z.strictObject({ file: z.string() })], { error: wanted }).transform((input, context) => {
    const read = typeof input === 'string' ? () => input : () => readSecretFile(input.file);
    try {
      if (read() === '') context.addIssue({ code: 'custom', message: 'the secret is empty' });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      context.addIssue({ code: 'custom', message: `the secret's file cannot be read (${code ?? 'unknown reason'})` });
    }
    return new Secret(read);
  });
}

function readSecretFile(path: string): string {
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
}
