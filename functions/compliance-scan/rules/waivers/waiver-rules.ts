import { z } from 'zod';
import { defineRule, type Rule } from '../../model/rule.ts';
import { unusedRule, type WaiverBody, waiverKind } from '../../waivers/waiver-resource.ts';

const dayMs = 86_400_000;
const day = (time: number): string => new Date(time).toISOString();
/** When examples are judged. */
const exampleNow = Date.UTC(2026, 0, 1);

const waiverExpired = defineRule<WaiverBody>({
  id: 'waiver-expired',
  version: 1,
  title: 'Waivers that ended are taken away or renewed',
  why: 'What a waiver covered is an open finding again from the moment it ends. A file of old waivers hides which ones count.',
  area: 'ownership',
  severity: 'medium',
  kinds: [waiverKind],
  remedy: 'Mend what it covered and remove the waiver, or have somebody approve a new end.',
  judge({ name, body }, { now }) {
    return body.expires <= now
      ? { status: 'fail', reason: `the waiver ${name} ended at ${day(body.expires)}` }
      : { status: 'pass', reason: `the waiver ${name} holds until ${day(body.expires)}` };
  },
  examples: [
    { shows: 'a waiver that holds', given: { body: { expires: exampleNow + dayMs } }, status: 'pass' },
    { shows: 'one that ended', given: { body: { expires: exampleNow } }, status: 'fail' },
  ],
});

const expiringParameters = z.strictObject({
  days: z.number().positive().max(365).default(14).describe('how many days before its end'),
});

const waiverExpiring = defineRule<WaiverBody, typeof expiringParameters>({
  id: 'waiver-expiring',
  version: 1,
  title: 'Waivers do not end by surprise',
  why: 'When a waiver ends, its findings come back at once. Its owner should know some days before.',
  area: 'ownership',
  severity: 'low',
  kinds: [waiverKind],
  remedy: 'Mend what it covers, or ask the approver for a new end.',
  parameters: expiringParameters,
  judge({ name, body }, { now, parameters }) {
    const isNear = body.expires > now && body.expires <= now + parameters.days * dayMs;
    return isNear
      ? { status: 'fail', reason: `the waiver ${name} ends at ${day(body.expires)}` }
      : { status: 'pass', reason: `the waiver ${name} does not end within ${parameters.days} days` };
  },
  examples: [
    { shows: 'an end that is far', given: { body: { expires: exampleNow + 15 * dayMs } }, status: 'pass' },
    { shows: 'an end that is near', given: { body: { expires: exampleNow + 13 * dayMs } }, status: 'fail' },
    { shows: 'an end that was', given: { body: { expires: exampleNow - dayMs } }, status: 'pass' },
  ],
});

const waiverUnused = defineRule<WaiverBody>({
  id: unusedRule,
  version: 1,
  title: 'Waivers cover something',
  why: 'A waiver that nothing needs any more waits to hide the next mistake of its kind.',
  area: 'ownership',
  severity: 'low',
  kinds: [waiverKind],
  remedy: 'Remove the waiver, or correct its rule and resource.',
  judge({ name, body }, { now }) {
    if (body.expires <= now) return { status: 'pass', reason: `the waiver ${name} ended` };
    if (body.used === undefined) return { status: 'unknown', reason: 'not everything was looked at' };
    return body.used
      ? { status: 'pass', reason: `the waiver ${name} covers findings` }
      : { status: 'fail', reason: `no finding needs the waiver ${name}` };
  },
  examples: [
    { shows: 'one that covers findings', given: { body: { expires: exampleNow + 1, used: true } }, status: 'pass' },
    { shows: 'one that covers none', given: { body: { expires: exampleNow + 1, used: false } }, status: 'fail' },
    { shows: 'one that ended', given: { body: { expires: exampleNow, used: false } }, status: 'pass' },
    { shows: 'a scan of a part', given: { body: { expires: exampleNow + 1 } }, status: 'unknown' },
  ],
});

/** The rules about waivers themselves. */
export const waiverRules: readonly Rule[] = [waiverExpired, waiverExpiring, waiverUnused];
