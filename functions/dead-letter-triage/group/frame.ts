/** A frame of a stack without line numbers and without what compilers and proxies number. */
export interface Frame {
  readonly name: string;
  /** True for code that is not the application's. */
  readonly isLibrary: boolean;
}

/** Packages that are not the application's, by the first part of their names, and by the first two. */
const libraries = new Set(
  `java javax jakarta jdk sun scala kotlin kotlinx groovy reactor akka System Microsoft MassTransit Confluent
   com.sun com.fasterxml com.google com.mysql com.zaxxer io.confluent io.netty io.quarkus io.smallrye io.vertx
   org.apache org.springframework org.eclipse org.hibernate org.jboss org.postgresql`.split(/\s+/),
);

/** Frames that reflection, proxies and generated code leave: they come and go. */
function isPassing(name: string): boolean {
  const first = name.charCodeAt(0);
  const isOfJava = first === 0x6a || first === 0x73;
  if (isOfJava && reflection.some((prefix) => name.startsWith(prefix))) return true;
  if (name.includes('$') && (name.includes('$$') || name.includes('$Proxy'))) return true;
  return name.includes('GeneratedMethodAccessor') || name.includes('LambdaForm') || name.includes('ByteBuddy');
}

/** All of them begin with j or s. */
const reflection = ['java.lang.reflect.', 'java.lang.invoke.', 'jdk.internal.reflect.', 'sun.reflect.'];

/** A frame of Java, JavaScript or .NET, from what follows `at `; undefined for frames that come and go. */
export function normaliseAtFrame(line: string): Frame | undefined {
  // Where Jackson was when it failed stands in its message, on a line that looks like a frame.
  if (line.startsWith('[Source: ')) return undefined;
  const open = line.indexOf('(');
  const close = open < 0 ? -1 : line.indexOf(')', open);
  const place = open < 0 ? line : line.slice(open + 1, close < 0 ? line.length : close);
  if (isScriptPlace(place)) return normaliseScriptFrame(open < 0 ? '' : line.slice(0, open), place);
  let name = (open < 0 ? line : line.slice(0, open)).trim();
  const proxy = name.indexOf('$$');
  // Modules and class loaders stand before the name.
  const slash = proxy < 0 ? name.lastIndexOf('/') : name.lastIndexOf('/', proxy);
  if (slash >= 0) name = name.slice(slash + 1);
  if (name === '' || isPassing(name)) return undefined;
  return { name: withoutNumbers(name), isLibrary: isLibrary(name) };
}

function isLibrary(name: string): boolean {
  const first = name.indexOf('.');
  if (first < 0) return false;
  const second = name.indexOf('.', first + 1);
  return libraries.has(name.slice(0, first)) || (second > 0 && libraries.has(name.slice(0, second)));
}

/** Numbers that compilers give to classes and functions without a name. */
function withoutNumbers(name: string): string {
  if (!name.includes('$') && !name.includes('<') && !name.includes('`')) return name;
  return name.replaceAll(/(?<=[$`_>|])\d+/g, '');
}

/** JavaScript names a file with a path, a line and a column. */
function isScriptPlace(place: string): boolean {
  if (place.includes('/') || place.startsWith('node:') || place === '<anonymous>' || place.startsWith('native'))
    return true;
  const last = place.lastIndexOf(':');
  return last > 0 && isDigits(place, last + 1) && /:\d+:\d+$/.test(place);
}

function isDigits(text: string, from: number): boolean {
  const code = text.charCodeAt(from);
  return code >= 0x30 && code <= 0x39;
}

function normaliseScriptFrame(caller: string, place: string): Frame {
  const alias = caller.indexOf(' [');
  const called = (alias < 0 ? caller : caller.slice(0, alias)).trim().replace(/^(?:async |new )+/, '');
  const file = place
    .replace(/^async /, '')
    .replace(/:\d+(?::\d+)?$/, '')
    .replace(/\?.*$/, '');
  const isLibraryFile =
    file.startsWith('node:') || file.includes('/node_modules/') || file.startsWith('<') || file.startsWith('native');
  return { name: `${called}@${baseName(file)}`, isLibrary: isLibraryFile };
}

/** The name of a file without folders, and without the digests that bundlers put into it. */
function baseName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return name.replaceAll(/[.-][0-9a-f]{6,}(?=[.-])/g, '');
}

/** A frame of Python: the last two parts of the file's path, and the function. */
export function normalisePythonFrame(line: string): Frame | undefined {
  const close = line.indexOf('"', 8);
  if (close < 0) return undefined;
  const path = line.slice(8, close);
  const called = line.indexOf(', in ', close);
  const parts = path.split(/[\\/]/).slice(-2).join('/').replace(/\.py$/, '');
  const isLibraryFile = /[\\/](?:site|dist)-packages[\\/]|[\\/]lib[\\/]python\d|^<frozen /.test(path);
  return { name: `${parts}:${called < 0 ? '' : line.slice(called + 5).trim()}`, isLibrary: isLibraryFile };
}

/** A frame of Go, from the line before that of its file. */
export function normaliseGoFrame(line: string): Frame | undefined {
  let name = line.startsWith('created by ') ? line.slice('created by '.length) : line;
  const routine = name.indexOf(' in goroutine ');
  if (routine >= 0) name = name.slice(0, routine);
  if (name.endsWith(')')) name = name.slice(0, name.lastIndexOf('('));
  if (name === '' || name === 'panic') return undefined;
  const first = name.slice(0, name.indexOf('.') < 0 ? name.length : name.indexOf('.'));
  // Packages of the standard library have no dot in the first part of their paths, and neither has main.
  const isLibraryFile =
    /^(?:runtime|reflect|sync|syscall|testing|net|io|os|encoding|database|context|strconv)(?:\/|$)/.test(first);
  return { name: name.replaceAll(/(?<=\.func)\d+(?:\.\d+)*|\.gowrap\d+/g, ''), isLibrary: isLibraryFile };
}
