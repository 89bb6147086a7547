import { labelOf } from '#functions/compliance-scan/model/resource.ts';
import { defineRule, type Need } from '#functions/compliance-scan/model/rule.ts';

/** Things must have an owner. */
export const ownedRule = defineRule<{ readonly secret?: boolean }>({
  id: 'test-owned',
  version: 1,
  title: 'Things have an owner',
  why: 'Somebody must answer.',
  area: 'ownership',
  severity: 'medium',
  kinds: ['test.Thing'],
  remedy: 'Set the label owner.',
  judge(resource) {
    if (resource.labels === undefined) return { status: 'unknown', reason: `labels of ${resource.name} are unread` };
    return labelOf(resource, 'owner') === undefined
      ? { status: 'fail', reason: `${resource.name} has no owner`, evidence: { labels: Object.keys(resource.labels) } }
      : { status: 'pass', reason: `${resource.name} is owned` };
  },
  examples: [
    { shows: 'an owner', given: { labels: { owner: 'lake' } }, status: 'pass' },
    { shows: 'none', given: { labels: {} }, status: 'fail' },
  ],
});

const fences: Need<string> = {
  kind: 'test.Fence',
  fact: ({ name }) => name,
  keys: ({ place }) => [place['field'] ?? ''],
};

/** Things must stand in a field with a fence. */
export const fencedRule = defineRule({
  id: 'test-fenced',
  version: 1,
  title: 'Things are fenced',
  why: 'They walk away.',
  area: 'network',
  severity: 'critical',
  kinds: ['test.Thing'],
  remedy: 'Build a fence.',
  needs: [fences],
  trim: (resource) => ({ ...resource, labels: {}, body: {} }),
  judge({ name, place }, look) {
    const around = look.related(fences, place['field'] ?? '');
    return around.length > 0
      ? { status: 'pass', reason: `${name} is fenced by ${around.join(', ')}` }
      : { status: 'fail', reason: `${name} has no fence` };
  },
  examples: [
    { shows: 'a fence', given: { place: { field: 'a' } }, beside: [{ place: { field: 'a' } }], status: 'pass' },
    { shows: 'none', given: { place: { field: 'a' } }, status: 'fail' },
  ],
});
