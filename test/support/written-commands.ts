import { pages, readPage } from './snippets.ts';

/** Pages that tell what was, or whence a file of tests comes: nobody types what they name. */
const history = /^(?:CHANGELOG\.md|docs\/decisions\/|test\/)/;

/** A command as a page has it. */
export interface WrittenCommand {
  /** The page, from the root of the repository. */
  readonly page: string;
  /** What a shell gets: no comment, continued lines joined, `npx` and `kn` left out before our own program; what only prepares it stands before it. */
  readonly line: string;
  /** The program, which is not that of the lines that only prepare it. */
  readonly program: string;
  /** True for one in a sentence. */
  readonly isSpoken: boolean;
  /** Lines that the page shows below it. */
  readonly shown: readonly string[];
}

/** Words that only prepare the next command: a folder, variables. */
const preparation = /^(?:cd|export|unset) |^\w+=\S+$/;

/** Programs whose names in sentences are the beginning of a command. */
const spoken =
  /^(?:\w+=\S+ )*(?:(?:npx|kn) )?(?:airflow|argocd|curl|flux|func|hdfs|kn|kubectl|kustomize|lakewarden|make|node|npm|oxfmt|oxlint|podman|wsk) /;

/** The commands of a page in their order: in blocks for a shell, behind prompts, in sentences. */
export function commandsOf(page: string): WrittenCommand[] {
  return [...readPage(page).matchAll(/^( *)```(\w*)\n(.*?)^\1```|`((?:[^`\n]|\n(?!\n))+)`/gms)].flatMap(
    ([, indent = '', language, code = '', span]) => {
      if (span !== undefined) {
        const words = span.replaceAll(/\s*\n\s*/g, ' ');
        return spoken.test(words) ? [{ ...command(page, [words]), isSpoken: true }] : [];
      }
      const lines = code.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd();
      if (language === 'sh') return commandsIn(page, lines);
      const [prompt = '', ...shown] = lines.split('\n');
      return prompt.startsWith('$ ') ? [command(page, [prompt.slice(2)], shown)] : [];
    },
  );
}

function commandsIn(page: string, text: string): WrittenCommand[] {
  const before: string[] = [];
  return text
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s+)#.*$/, ''))
    .filter((line) => line !== '')
    .flatMap((line) => {
      before.push(line);
      return preparation.test(line) ? [] : [command(page, before.splice(0))];
    });
}

function command(page: string, lines: readonly string[], shown: readonly string[] = []): WrittenCommand {
  const last = (lines.at(-1) ?? '').replace(/^(?:npx|kn) (?=lakewarden )/, '');
  const [program = ''] = last.replace(/^(?:\w+=\S+ )+/, '').split(' ');
  return { page, line: [...lines.slice(0, -1), last].join('\n'), program, isSpoken: false, shown };
}

/** Every command of every page, each once, in the order in which people read the first guides, and then the functions' own pages. */
export function allCommands(): WrittenCommand[] {
  const first = ['docs/try.md', 'docs/operate.md', ...pages.filter((page) => page.startsWith('functions/'))];
  const read = new Set([...first, ...pages.filter((page) => !history.test(page))]);
  const once = new Map<string, WrittenCommand>();
  for (const one of [...read].flatMap(commandsOf)) {
    const known = once.get(one.line);
    if (known === undefined) once.set(one.line, one);
    else if (known.isSpoken) once.set(one.line, { ...known, isSpoken: one.isSpoken });
  }
  return [...once.values()].filter(({ line, isSpoken }) => !isSpoken || !isBeginning(line, [...once.keys()]));
}

/** True for words that only name a command, since what it works on is told elsewhere: `make bench`, beside `make bench B=concat`. */
function isBeginning(line: string, lines: readonly string[]): boolean {
  return lines.some((other) => other.startsWith(`${line} `) && /[\w<]/.test(other.charAt(line.length + 1)));
}
