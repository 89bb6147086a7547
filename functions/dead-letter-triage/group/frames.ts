import { boundStack, findRoot, readClass, type RootSection } from './stack-sections.ts';
import { normaliseAtFrame, normaliseGoFrame, normalisePythonFrame, type Frame } from './frame.ts';

/** What a stack trace tells of the root cause, without what differs from build to build and run to run. */
export interface RootCause {
  readonly class?: string;
  readonly message?: string;
  /** At most six, the innermost first; those of the application when there are any. */
  readonly frames: readonly string[];
}

const mostFrames = 6;
/** Lines of one section that are looked at. */
const mostLines = 256;
const longestMessage = 4_096;
/** Characters of one line that are looked at. */
const longestLine = 4_096;

/** Reads the root cause of a stack trace in time that does not grow with its frames; undefined when it looks like none. Pure. */
export function readRootCause(whole: string): RootCause | undefined {
  const stack = boundStack(whole);
  const section = findRoot(stack);
  if (section === undefined) return undefined;
  return section.style === 'python' ? readPython(stack, section) : readDownwards(stack, section);
}

/** Java, JavaScript, .NET and Go write a head, then the frames from the innermost on. */
function readDownwards(stack: string, { style, start, end }: RootSection): RootCause {
  const collected = new Frames();
  let headEnd = -1;
  let previous = '';
  let at = start;
  for (let lines = 0; lines < mostLines && at < end && !collected.isFull; lines += 1) {
    let next = stack.indexOf('\n', at);
    if (next < 0 || next > end) next = end;
    if (style === 'at') {
      const frame = frameStart(stack, at);
      if (frame >= 0) {
        if (headEnd < 0) headEnd = at;
        collected.add(normaliseAtFrame(stack.slice(frame, Math.min(next, frame + longestLine))));
      }
    } else {
      const line = stack.slice(at, Math.min(next, at + longestLine));
      if (line.startsWith('\t') && line.includes('.go:')) {
        if (headEnd < 0) headEnd = Math.max(start, at - previous.length - 1);
        collected.add(normaliseGoFrame(previous));
      }
      previous = line;
    }
    at = next + 1;
  }
  if (style === 'go') return withHead(undefined, goMessage(stack.slice(start, headEnd < 0 ? end : headEnd)), collected);
  return readHead(stack, start, headEnd < 0 ? end : headEnd, collected);
}

/** Where the name of a frame begins in a line of the form `   at …`; -1 for other lines. */
function frameStart(stack: string, at: number): number {
  let index = at;
  while (stack.charCodeAt(index) === 0x20 || stack.charCodeAt(index) === 0x09) index += 1;
  if (stack.charCodeAt(index) !== 0x61 || stack.charCodeAt(index + 1) !== 0x74 || stack.charCodeAt(index + 2) !== 0x20)
    return -1;
  return index === at && at !== 0 ? -1 : index + 3;
}

function readHead(stack: string, start: number, end: number, frames: Frames): RootCause {
  const name = readClass(stack, start);
  const from = name === undefined ? start : Math.min(end, start + name.length + 1);
  return withHead(name, stack.slice(from, Math.min(end, from + longestMessage)).trim(), frames);
}

function goMessage(head: string): string {
  const text = head.startsWith('panic: ') ? head.slice('panic: '.length) : head;
  const routine = text.indexOf('\ngoroutine ');
  return (routine < 0 ? text : text.slice(0, routine)).slice(0, longestMessage).trim();
}

/** Python writes the frames first, the innermost last, and the exception after them. */
function readPython(stack: string, { start, end }: RootSection): RootCause {
  const lines: string[] = [];
  let at = end;
  // From the end on, since the innermost frames stand there.
  while (at > start && lines.length < mostLines) {
    const before = stack.lastIndexOf('\n', at - 1);
    const from = Math.max(start, before + 1);
    if (from < at) lines.push(stack.slice(from, Math.min(at, from + longestLine)));
    at = before < 0 ? start : before;
    if (before < start) break;
  }
  const frames = new Frames();
  let head = '';
  for (const line of lines) {
    if (line.startsWith('  File "')) frames.add(normalisePythonFrame(line));
    else if (frames.isEmpty && !line.startsWith(' ')) head = head === '' ? line : `${line}\n${head}`;
    if (frames.isFull) break;
  }
  const name = readClass(head, 0);
  return withHead(
    name,
    head
      .slice(name === undefined ? 0 : name.length + 1)
      .slice(0, longestMessage)
      .trim(),
    frames,
  );
}

function withHead(name: string | undefined, message: string, frames: Frames): RootCause {
  return {
    ...(name === undefined ? {} : { class: name }),
    ...(message === '' ? {} : { message }),
    frames: frames.chosen,
  };
}

/** Frames of the application before those of libraries. */
class Frames {
  readonly #own: string[] = [];
  readonly #all: string[] = [];

  add(frame: Frame | undefined): void {
    if (frame === undefined) return;
    if (this.#all.length < mostFrames) this.#all.push(frame.name);
    if (!frame.isLibrary && this.#own.length < mostFrames) this.#own.push(frame.name);
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  get isFull(): boolean {
    return this.#own.length === mostFrames;
  }

  get chosen(): readonly string[] {
    return this.#own.length > 0 ? this.#own : this.#all;
  }
}
