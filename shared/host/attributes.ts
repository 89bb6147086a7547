import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn } from './cloud-event.ts';

type Attributes = Omit<CloudEventIn, 'data'>;
type Check = (value: string) => boolean;

const name = /^[a-z0-9]+$/;
// RFC 3986, appendix A: the characters of a URI reference.
const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const mediaType = /^[\w!#$&\-^.+]+\/[\w!#$&\-^.+]+(?:\s*;.*)?$/s;

const checks: Record<string, Check> = {
  specversion: (value) => value === '1.0',
  id: () => true,
  type: () => true,
  source: (value) => uriReference.test(value),
  subject: () => true,
  time: isTimestamp,
  datacontenttype: (value) => mediaType.test(value),
  dataschema: (value) => URL.canParse(value),
};
const required = ['specversion', 'id', 'source', 'type'];

/**
 * Checks the attributes of an event (CloudEvents 1.0.2, section 3). An empty optional attribute counts as absent and an empty
 * extension as empty text: Knative's ApiServerSource sends `ce-namespace:` with nothing for cluster-wide objects.
 * @throws LakewardenError `event.invalid` that names the attribute.
 */
export function checkAttributes(values: ReadonlyMap<string, string>): Attributes {
  const known: Record<string, string> = {};
  const extensions: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, value] of values) {
    if (!name.test(key) || key === 'data') throw invalid(key, 'is not a name of lower-case letters and digits');
    if (hasControlCharacter(value)) throw invalid(key, 'has a control character');
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (!check) extensions[key] = value;
    else if (value !== '') known[key] = value;
  }
  for (const key of required) if (known[key] === undefined) throw invalid(key, 'is missing or empty');
  for (const [key, value] of Object.entries(known))
    if (!checks[key]?.(value)) throw invalid(key, reasons[key] ?? 'is not valid');
  return { ...(known as unknown as Attributes), extensions };
}

const reasons: Record<string, string> = {
  specversion: 'is not 1.0',
  source: 'is not a URI reference',
  time: 'is not an RFC 3339 timestamp',
  datacontenttype: 'is not a media type',
  dataschema: 'is not an absolute URI',
};

/** The error for an attribute that breaks the specification. */
export function invalid(attribute: string, reason: string): LakewardenError {
  const shown = attribute.slice(0, 64);
  return new LakewardenError('event.invalid', `CloudEvent attribute ${JSON.stringify(shown)} ${reason}`, {
    details: { attribute: shown },
  });
}

function hasControlCharacter(text: string): boolean {
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code <= 0x1f || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}

/** RFC 3339, section 5.6, with any number of fraction digits. */
function isTimestamp(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/.exec(text);
  if (!parts) return false;
  const [year, month, day, hour, minute, second, offsetHour, offsetMinute] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day);
  const isDay = date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
  const isTime = Math.max(hour ?? 99, offsetHour ?? 99) <= 23 && Math.max(minute ?? 99, offsetMinute ?? 99) <= 59;
  return isDay && isTime && (second ?? 99) <= 60;
}
