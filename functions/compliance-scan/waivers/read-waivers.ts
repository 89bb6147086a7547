import { parseAllDocuments } from 'yaml';
import { readYamlFolder } from '../read-folder.ts';
import type { Problem } from '../problem.ts';
import { type Waiver, waiverSchema } from './waiver.ts';

/** What is held against waivers besides their form. */
export interface WaiverLimits {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A waiver that ends later than so many days from now does not hold. */
  readonly maxDays: number;
}

/** The waivers that are in order, and what is wrong with the others: those waive nothing. */
export interface WaiversRead {
  readonly waivers: readonly Waiver[];
  readonly problems: readonly Problem[];
}

const dayMs = 86_400_000;

/**
 * Reads all waivers of a folder: files of YAML, each of one or many documents, each of one waiver or a list of them.
 * @throws config.invalid when the folder cannot be read, since findings would seem to come back then
 */
export async function readWaivers(folder: string, limits: WaiverLimits): Promise<WaiversRead> {
  const waivers = new Map<string, Waiver>();
  const problems: Problem[] = [];
  for (const { name, text } of await readYamlFolder(folder, 'waivers')) {
    const fault = (where: string, reason: string): void =>
      void problems.push({ code: 'waiver.invalid', message: `${name}${where}: ${reason}` });
    for (const content of readDocuments(text, fault)) {
      const { waiver, reasons } = readWaiver(content, limits);
      const where = isNamed(content) ? `, waiver ${content.id.slice(0, 100)}` : '';
      for (const reason of reasons) fault(where, reason);
      if (waiver === undefined) continue;
      if (waivers.has(waiver.id)) fault(where, 'another waiver has this id, and holds');
      else waivers.set(waiver.id, waiver);
    }
  }
  return { waivers: [...waivers.values()], problems };
}

function readDocuments(text: string, fault: (where: string, reason: string) => void): unknown[] {
  return parseAllDocuments(text, { prettyErrors: false }).flatMap((document, index) => {
    const [error] = document.errors;
    if (error === undefined) {
      const content: unknown = document.toJS({ maxAliasCount: 100 });
      return Array.isArray(content) ? (content as unknown[]) : content === null ? [] : [content];
    }
    fault(`, document ${index + 1}`, `not valid YAML (${error.code})`);
    return [];
  });
}

function readWaiver(content: unknown, { now, maxDays }: WaiverLimits): { waiver?: Waiver; reasons: string[] } {
  const read = waiverSchema.safeParse(content);
  if (!read.success)
    return { reasons: read.error.issues.map(({ path, message }) => `${path.join('.') || 'waiver'}: ${message}`) };
  if (read.data.expires > now + maxDays * dayMs)
    return { reasons: [`expires: it must end within ${maxDays} days from now`] };
  return { waiver: read.data, reasons: [] };
}

function isNamed(content: unknown): content is { id: string } {
  return typeof (content as { id?: unknown } | null)?.id === 'string';
}
