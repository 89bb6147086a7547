import { z } from 'zod';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import type { VerdictResource } from '../model/verdict.ts';

const dayMs = 86_400_000;
const pattern = z.string().min(1).max(300);
const person = z.string().trim().min(1).max(200);

const selector = z
  .strictObject({
    kind: pattern.optional().describe('kinds; * stands for any characters, ? for one'),
    name: pattern.optional().describe('names'),
    uid: pattern.optional().describe('uids, which no other resource has'),
    place: z.record(z.string(), pattern).optional().describe('parts of its place, such as namespace or account'),
    labels: z.record(z.string(), pattern).optional().describe('labels or tags'),
  })
  .refine(
    (given) =>
      given.name !== undefined || given.uid !== undefined || given.place !== undefined || given.labels !== undefined,
    {
      error: 'name, uid, place or labels must say which resources',
    },
  );

/** A waiver as its file writes it. */
export const waiverSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'lower case letters, digits, dots and dashes'),
    rule: pattern
      .refine((rule) => /[^*?]/.test(rule), { error: 'a waiver of all rules is none' })
      .describe('ids of rules; * stands for any characters'),
    resource: selector,
    owner: person.describe('who answers for it'),
    approver: person.describe('who allowed it: somebody else'),
    reason: z.string().trim().min(1).max(2_000).describe('why it may be so'),
    ticket: z.string().min(1).max(500).optional().describe('where it was discussed'),
    expires: z
      .string()
      .transform((text, context) => {
        const time = readEnd(text);
        if (time !== undefined) return time;
        context.addIssue({ code: 'custom', message: 'a date such as 2027-01-31, or a time with its offset' });
        return z.NEVER;
      })
      .describe('the last day on which it holds (UTC), or the very moment it ends'),
  })
  .refine(({ owner, approver }) => same(owner) !== same(approver), {
    error: 'nobody approves their own waiver',
    path: ['approver'],
  });

/** A waiver: somebody answers for it that a rule is broken, until a day. Its end is in milliseconds since 1970. */
export type Waiver = z.output<typeof waiverSchema>;

/** True when a waiver is about a finding, whether it still holds or not. */
export function isAbout(
  { rule, resource: wanted }: Waiver,
  finding: { rule: string; resource: VerdictResource },
): boolean {
  const { resource } = finding;
  if (!fitsPattern(finding.rule, rule)) return false;
  if (wanted.kind !== undefined && !fitsPattern(resource.kind, wanted.kind)) return false;
  if (wanted.name !== undefined && !fitsPattern(resource.name, wanted.name)) return false;
  if (wanted.uid !== undefined && !fitsPattern(resource.uid, wanted.uid)) return false;
  return fitAll(resource.place, wanted.place) && fitAll(resource.labels ?? {}, wanted.labels);
}

function fitAll(given: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, one]) => Object.hasOwn(given, key) && fitsPattern(given[key] ?? '', one));
}

/** A day counts to its end, so that no time zone of ours matters. */
function readEnd(text: string): number | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const start = Date.parse(`${text}T00:00:00Z`);
    // Where there is no 31st, dates roll over.
    return !Number.isNaN(start) && new Date(start).toISOString().startsWith(text) ? start + dayMs : undefined;
  }
  const time = z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function same(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
