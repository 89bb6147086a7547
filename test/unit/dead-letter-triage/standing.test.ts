import { expect, test } from '@jest/globals';
import type { Group } from '#functions/dead-letter-triage/group/group.ts';
import { standingOf } from '#functions/dead-letter-triage/group/standing.ts';
import { createStandingMetrics } from '#functions/dead-letter-triage/standing-metrics.ts';
import { createMetrics } from '#shared/observe/metrics.ts';

const now = 1_700_000_100_000;

function group(id: string, name: Group['verdict']['class'], letters: number, rest: Partial<Group> = {}): Group {
  return {
    id,
    about: { basis: 'message', family: 'connect', component: '', stage: '', errorClass: '', message: id, frames: [] },
    verdict: { class: name, action: 'escalate', by: ['message'] },
    count: letters,
    firstSeen: now - 60_000,
    lastSeen: now,
    firstOffset: '0',
    lastOffset: '9',
    state: 'open',
    episode: 1,
    episodeCount: letters,
    hours: [],
    samples: [],
    ...rest,
  };
}

const open = [
  group('a', 'tombstone', 3),
  group('b', 'tombstone', 4, { firstSeen: now - 90_000 }),
  group('c', 'defect', 1),
];
const standing = standingOf([...open, group('d', 'defect', 50, { state: 'resolved', firstSeen: 0 })]);

test('what is resolved is not unhandled, and what was sent back neither', () => {
  expect(standing).toEqual({
    classes: new Map([
      ['tombstone', { groups: 2, letters: 7 }],
      ['defect', { groups: 1, letters: 1 }],
    ]),
    oldest: now - 90_000,
  });
  const sent = group('a', 'defect', 5, { replays: [{ plan: 'p', letters: 5, episode: 1, at: now }] });
  expect(standingOf([sent])).toEqual({ classes: new Map([['defect', { groups: 1, letters: 0 }]]) });
  expect(standingOf([])).toEqual({ classes: new Map() });
});

test('the numbers are those of all partitions that were seen, until they are gone', async () => {
  const metrics = createMetrics('dead-letter-triage');
  const see = createStandingMetrics(metrics, () => now);
  const read = async (): Promise<(string | undefined)[]> => {
    const text = await metrics.text();
    return [
      'open_groups{class="tombstone"',
      'unhandled_letters{class="tombstone"',
      'oldest_unhandled_seconds{',
      'retention_left_seconds{',
    ].map((name) =>
      text
        .split('\n')
        .find((line) => line.startsWith(`lakewarden_triage_${name}`))
        ?.split(' ')
        .at(-1),
    );
  };
  expect(await read()).toEqual(['0', '0', '0', 'Nan']);
  const place = (partition: number) => ({ topic: 'dlq', partition });
  see({ standings: [{ ...place(0), ...standing, deletedFrom: now + 5_000 }] });
  see({ standings: [{ ...place(1), ...standing, deletedFrom: now - 5_000 }] });
  expect(await read()).toEqual(['4', '14', '90', '0']);
  // Of partition 0 nothing was seen this time, and partition 1 is not there any more.
  see({ standings: [], all: [place(0)] });
  expect(await read()).toEqual(['2', '7', '90', '5']);
  see({ standings: [{ ...place(0), ...standingOf([]) }], all: [place(0)] });
  expect(await read()).toEqual(['0', '0', '0', 'Nan']);
});
