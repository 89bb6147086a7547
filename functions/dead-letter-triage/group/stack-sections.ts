/** How a stack trace is written. */
export type StackStyle = 'at' | 'python' | 'go';

/** The part of a stack trace that tells of the root cause. */
export interface RootSection {
  readonly style: StackStyle;
  /** Where the section begins and ends in the stack. */
  readonly start: number;
  readonly end: number;
}

const pythonHead = 'Traceback (most recent call last):';
const pythonCause = 'The above exception was the direct cause of the following exception:';
const pythonContext = 'During handling of the above exception, another exception occurred:';
const dotnetInner = ' ---> ';
const dotnetEnd = '--- End of inner exception stack trace ---';
const javaCause = '\nCaused by: ';
const nodeCause = '[cause]: ';

/** How lines of frames begin: in Java, in JavaScript, in .NET. */
const atMarks = ['\n\tat ', '\n    at ', '\n   at '];

/** Characters of the beginning and of the end of a stack that are looked at. */
const mostOfEnd = 65_536;

/** A stack without its middle when it is very long: what fails stands at its ends. */
export function boundStack(stack: string): string {
  if (stack.length <= 2 * mostOfEnd) return stack;
  return `${stack.slice(0, mostOfEnd)}\n${stack.slice(-mostOfEnd)}`;
}

/** Finds the root cause in a stack trace of Java, JavaScript, .NET, Python or Go; undefined when it looks like none. */
export function findRoot(stack: string): RootSection | undefined {
  if (stack.includes(pythonHead)) return findPythonRoot(stack);
  const cause = stack.lastIndexOf(javaCause);
  if (cause >= 0) return { style: 'at', start: cause + javaCause.length, end: stack.length };
  if (atMarks.some((mark) => stack.includes(mark)) || stack.startsWith('   at ') || stack.startsWith('\tat '))
    return findAtRoot(stack);
  return stack.includes('.go:') && stack.includes('\n\t') ? { style: 'go', start: 0, end: stack.length } : undefined;
}

function findAtRoot(stack: string): RootSection {
  const node = stack.lastIndexOf(nodeCause);
  if (node >= 0) return { style: 'at', start: node + nodeCause.length, end: stack.length };
  // .NET writes the innermost exception last in the head, and its frames first.
  const frames = stack.indexOf('\n   at ');
  const inner = stack.lastIndexOf(dotnetInner, frames < 0 ? 0 : frames);
  if (inner < 0) return { style: 'at', start: 0, end: stack.length };
  const close = stack.indexOf(dotnetEnd, inner);
  return { style: 'at', start: inner + dotnetInner.length, end: close < 0 ? stack.length : close };
}

/** The root is what the last exception was directly caused by; what it merely interrupted is not. */
function findPythonRoot(stack: string): RootSection {
  const context = stack.lastIndexOf(pythonContext);
  const start = context < 0 ? 0 : context + pythonContext.length;
  const cause = stack.indexOf(pythonCause, start);
  return { style: 'python', start, end: cause < 0 ? stack.length : cause };
}

const mostCauses = 32;

/** The classes of a chain of exceptions as Java writes it, the outermost first; at most 32. */
export function causeClasses(stack: string): string[] {
  const classes: string[] = [];
  let at = 0;
  while (classes.length < mostCauses) {
    const name = readClass(stack, at);
    if (name !== undefined) classes.push(name);
    const next = stack.indexOf(javaCause, at);
    if (next < 0) break;
    at = next + javaCause.length;
  }
  return classes;
}

const longestClass = 300;

/** The name of an exception's class that stands at a place and ends with a colon or the line; undefined when it is none. */
export function readClass(text: string, start: number): string | undefined {
  let end = start;
  for (; end < text.length && end - start < longestClass; end += 1) {
    const code = text.charCodeAt(end);
    const isName =
      (code >= 0x30 && code <= 0x39) ||
      (code >= 0x41 && code <= 0x5a) ||
      (code >= 0x61 && code <= 0x7a) ||
      code === 0x2e ||
      code === 0x24 ||
      code === 0x5f;
    if (!isName) break;
  }
  const after = text[end];
  if (end === start || (after !== undefined && after !== ':' && after !== '\n' && after !== '\r')) return undefined;
  return text.slice(start, end);
}
