import { join } from 'node:path';
import type { Settings } from './conf-files.ts';

/** One Java program. */
export interface JavaProgram {
  readonly mainClass: string;
  readonly args?: readonly string[];
  /** Folders and jars, in order. */
  readonly classPath: readonly string[];
  /** Greatest heap in MiB. */
  readonly heap: number;
  readonly systemProperties?: Settings;
  /** What the Java machine is told beside the usual. */
  readonly flags?: readonly string[];
  /** Compile what runs often as well as Java can: for lakes that run long enough to be measured. */
  readonly optimise?: boolean;
}

// WebHDFS needs java.lang; Hive, Tez and Kryo look into the others.
const openPackages = [
  'java.lang',
  'java.lang.reflect',
  'java.util',
  'java.util.concurrent',
  'java.util.concurrent.atomic',
  'java.util.regex',
  'java.net',
  'java.nio',
  'java.io',
  'java.time',
  'java.text',
  'java.math',
  'sun.nio.ch',
];

/** A tool of the JDK, such as `java` or `jar`: the one of JAVA_HOME, or else of the PATH. */
export function javaTool(name: string): string {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', name) : name;
}

function quote(argument: string): string {
  return `"${argument.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** The text of an argument file (`java @file`): a class path of hundreds of jars is too long for a readable command line. */
export function renderJavaArguments(program: JavaProgram): string {
  const properties = { 'user.timezone': 'UTC', 'java.net.preferIPv4Stack': true, ...program.systemProperties };
  return [
    `-Xmx${program.heap}m`,
    '-XX:+UseSerialGC',
    // The simple compiler alone: the start takes half the processor time, and a lake in a box seldom runs long.
    ...(program.optimise === true ? [] : ['-XX:TieredStopAtLevel=1']),
    '-XX:-UsePerfData',
    ...(program.flags ?? []),
    ...openPackages.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
    '--add-opens=java.sql/java.sql=ALL-UNNAMED',
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    '-cp',
    program.classPath.join(':'),
    program.mainClass,
    ...(program.args ?? []),
  ]
    .map((argument) => `${quote(argument)}\n`)
    .join('');
}
