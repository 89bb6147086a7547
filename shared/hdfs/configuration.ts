/** Reads what Hadoop's page `/conf` shows, which is XML of a flat form; what is not of that form is left out. */
export function readConfiguration(xml: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [, property = ''] of xml.matchAll(/<property>([^]*?)<\/property>/g)) {
    const name = /<name>([^<]*)<\/name>/.exec(property)?.[1];
    if (name !== undefined) settings.set(decode(name), decode(/<value>([^<]*)<\/value>/.exec(property)?.[1] ?? ''));
  }
  return settings;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function decode(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|(lt|gt|quot|apos|amp));/g, (_, code?: string, name = '') =>
    code === undefined ? (entities[name as string] ?? '') : String.fromCodePoint(Math.min(Number(code), 0x10ffff)),
  );
}
