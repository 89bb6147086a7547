/** A command of a shell's text: the variables set before it, its program, its arguments. */
export interface ShellCommand {
  readonly variables: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
}

/** Spaces, comments, operators that end a command, operators that send it elsewhere, quoted and plain parts of words. */
const token =
  /[ \t]+|\\\n|(?<=^|\s)#[^\n]*|(\n|;|\|\|?|&&?)|(\d?>>?&?|<)|("(?:[^"\\]|\\.)*"|'[^']*'|\$\([^()]*\)|\\.|[^\s;|&<>"'])/gmy;

/** The commands in the text of a shell, as far as documentation uses one: quotes, pipes, comments; expansions stay as they are. */
export function readShell(text: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let isTarget = false;
  const endWord = (): void => {
    if (word !== undefined && !isTarget) words.push(word);
    if (word !== undefined) isTarget = false;
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    const first = words.findIndex((one) => !/^\w+=/.test(one));
    const [variables, [program, ...args]] = first === -1 ? [words, []] : [words.slice(0, first), words.slice(first)];
    if (program !== undefined) commands.push({ variables, program, args });
    words = [];
  };
  for (const [, end, redirect, part] of text.matchAll(token)) {
    if (part === undefined) endWord();
    else word = (word ?? '') + part.replace(/^(["'])([^]*)\1$/, '$2');
    if (end !== undefined) endCommand();
    if (redirect !== undefined) isTarget = true;
  }
  endCommand();
  return commands;
}
