import { expect, test } from '@jest/globals';
import { type Fault, faults, type ServiceCall } from '../support/faulty-services.ts';
import { type Lane, type Round, type Story, takeEffects, useSyncRounds } from '../support/sync-rounds.ts';

const rounds = useSyncRounds();
const everyFault = process.env['LAKEWARDEN_EVERY_FAULT'] !== undefined;

/** Rounds of one kind of run in a lane, one after the other, each with a fault or without. */
interface Course {
  /** Lets the n-th call, or the n-th among some, of the next round meet a fault. @returns the call, and how the run ended */
  next(
    fault?: Fault,
    n?: number,
    among?: (call: ServiceCall) => boolean,
  ): Promise<{ readonly call: ServiceCall | undefined; readonly end: string }>;
  /** The calls that the latest undisturbed run made. */
  readonly calls: readonly ServiceCall[];
}

/** Starts a course. Each of its rounds is compared with an undisturbed one. */
function startCourse(story: Story, lane: Lane, calm: (number: number) => Promise<Round>): Course {
  const { services } = lane;
  const ids = new Set<string>();
  let round = 0;
  let patience = 0.4;
  let calls: readonly ServiceCall[] = [];
  return {
    get calls() {
      return calls;
    },
    async next(fault, n = 1, among) {
      round += 1;
      const topic = await rounds.prepare(story, lane, round);
      const scope = story.scope(topic, round);
      let end = 'killed';
      services.forgive();
      if (fault === 'kill') {
        await rounds.runKilled(lane, topic, scope, (kill) => services.condemn(n, fault, { among, kill }));
      } else {
        if (fault !== undefined) services.condemn(n, fault, { among });
        end = await rounds.run(lane, scope, fault === 'mute' ? patience : undefined);
      }
      const call = fault === undefined ? undefined : services.met();
      if (fault === undefined) calls = services.calls();
      services.forgive();
      if (fault === 'kill' || call?.name === 'unlock') await rounds.breakLock(topic);
      const effects = takeEffects(lane, topic, ids);
      const where = `${story.name}: ${fault} at call ${n}, ${call?.name}`;
      expect(['nothing', 'done']).toContainEqual(await rounds.run(lane, scope));
      effects.push(...takeEffects(lane, topic, ids));

      const wanted = await calm(round);
      expect([where, await rounds.stateOf(topic)]).toEqual([where, wanted.state]);
      const [told, expected] = [effects.flat(), wanted.effects.flat()];
      const wrong = told.filter((line, place) => told.indexOf(line) < place || !expected.includes(line));
      expect([where, wrong]).toEqual([where, []]);
      // Only who cannot know whether a write was performed misses its event.
      const lost = wanted.effects.filter((lines) => !lines.every((line) => told.includes(line)));
      const inDoubt =
        (call?.writes === true && ['cut', 'mute', 'kill'].includes(fault ?? '')) ||
        // On a busy machine another call than the condemned one may be the late one.
        (fault === 'mute' && end === 'retry');
      expect([where, lost]).toEqual([where, lost.slice(0, inDoubt ? 1 : 0)]);
      // What killed runs left behind goes with the first one that comes to its end.
      if (fault === undefined && story.name.endsWith('changes')) expect(await rounds.snapshots(topic)).toHaveLength(1);
      if (fault === 'mute' && call === undefined && end !== 'done') patience *= 2;
      return { call, end };
    },
  };
}

/** Lets one call after the other meet a fault, each in a round of its own, until a run makes no further one. */
async function disturbEvery(course: Course, fault: Fault): Promise<void> {
  // To who only reads it is all the same whether the server knew of the call.
  const among = fault === 'drop' ? ({ writes }: ServiceCall) => writes : undefined;
  for (let n = 1; ;) {
    const { call, end } = await course.next(fault, n, among);
    if (call !== undefined) n += 1;
    else if (fault !== 'mute' || end === 'done') {
      if (fault !== 'drop') expect(n).toBeGreaterThan(16);
      break;
    }
  }
  await course.next();
}

/** What one call of a run shall meet: the n-th of its name. */
interface Sentence {
  readonly name: string;
  readonly n: number;
  readonly fault: Fault;
}

const turns: readonly Fault[] = ['kill', 'mute', 'cut', 'error'];
/** The kinds of calls that read and have their sentence, and how many sentences there are. */
const sentenced = { reads: new Set<string>(), count: 0 };

/** Gives each call that writes, and each kind of call that reads and had none yet, one fault, in turn. */
function giveTurns(calls: readonly ServiceCall[]): Sentence[] {
  const seen = new Map<string, number>();
  return calls.flatMap(({ name, writes }) => {
    const n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    if (!writes && sentenced.reads.has(name)) return [];
    if (!writes) sentenced.reads.add(name);
    return [{ name, n, fault: turns[sentenced.count++ % turns.length]! }];
  });
}

async function disturbInTurns(course: Course, sentences: readonly Sentence[]): Promise<void> {
  for (const { name, n, fault } of sentences)
    // Where nothing needs it, a round makes one call less of a kind; a later one makes it again.
    for (let tries = 1; ; tries += 1) {
      if ((await course.next(fault, n, (each) => each.name === name)).call !== undefined) break;
      expect([name, tries]).not.toEqual([name, 4]);
    }
  await course.next();
}

/**
 * Disturbs kinds of runs, side by side since silence is waited for: the calls of each meet a fault in turn, or where
 * LAKEWARDEN_EVERY_FAULT is set, every call meets every fault, in lanes of their own at once.
 */
async function disturbAll(stories: readonly Story[]): Promise<void> {
  const lanes: Lane[] = [];
  const open = async (name: string): Promise<Lane> => {
    const lane = await rounds.openLane(name);
    lanes.push(lane);
    return lane;
  };
  const works: (() => Promise<void>)[] = [];
  for (const story of stories) {
    const calm = rounds.undisturbed(story, await open('calm'));
    if (everyFault)
      for (const fault of faults) {
        const course = startCourse(story, await open(fault), calm);
        works.push(() => disturbEvery(course, fault));
      }
    else {
      const course = startCourse(story, await open('turns'), calm);
      await course.next();
      const sentences = giveTurns(course.calls);
      expect(sentences.length).toBeGreaterThan(4);
      works.push(() => disturbInTurns(course, sentences));
    }
  }
  await Promise.all(works.map((work) => work()));
  for (const lane of lanes) await rounds.closeLane(lane);
}

test.each([
  ['the first run of a topic', ['fresh_full', 'fresh_changes']],
  ['a whole walk, and a look at the newest', ['full', 'recent']],
  ['a look at changes, and at paths', ['changes', 'paths']],
])(
  '%s: whatever happens to any call, the next run ends as if nothing had',
  async (_, names) => {
    await disturbAll(rounds.stories.filter(({ name }) => names.includes(name)));
  },
  900_000,
);
