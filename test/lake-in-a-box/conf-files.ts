import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Settings of a service, by their own names. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Hadoop's configuration format, as in `core-site.xml`. */
export function renderSiteXml(settings: Settings): string {
  const properties = Object.entries(settings).map(
    ([name, value]) =>
      `  <property><name>${name}</name><value>${String(value).replaceAll(/[&<>]/g, (c) => escapes[c] ?? c)}</value></property>\n`,
  );
  return `<configuration>\n${properties.join('')}</configuration>\n`;
}

/** Java's properties format; values with a backslash or a line break are not ours. */
export function renderProperties(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Log4j 2, on standard error, warnings and worse. */
export const log4j2Xml = `<Configuration status="warn">
  <Appenders>
    <Console name="console" target="SYSTEM_ERR"><PatternLayout pattern="%d{ISO8601} %p %c{1}: %m%n"/></Console>
  </Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="console"/></Root></Loggers>
</Configuration>
`;

/** The same for the log4j 1 of Hadoop. */
export const log4jProperties = renderProperties({
  'log4j.rootLogger': 'WARN,console',
  'log4j.appender.console': 'org.apache.log4j.ConsoleAppender',
  'log4j.appender.console.target': 'System.err',
  'log4j.appender.console.layout': 'org.apache.log4j.PatternLayout',
  'log4j.appender.console.layout.ConversionPattern': '%d{ISO8601} %p %c{2}: %m%n',
});

/** Writes the files of one configuration folder; names may hold folders. */
export function writeConf(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
