import { stringify } from 'yaml';
import type { Action } from '../classify/classes.ts';
import type { GroupReport, Step } from './report.ts';

type Known = Pick<GroupReport, 'id' | 'topic' | 'about' | 'action' | 'owner' | 'places' | 'unhandledSince'>;

/** What to do next about an open group. Commands are safe to paste whatever the names in them. */
export function nextSteps(group: Known, isOverflow: boolean): Step[] {
  if (isOverflow)
    return [
      {
        text: 'There were more groups than are kept, so these letters are not told apart. Raise limits.groups, or write rules that name groups.',
      },
      look(group),
    ];
  const replay = replayed.has(group.action) ? replaySteps(group) : [];
  return [{ text: advice[group.action](group) }, look(group), ...replay, resolve(group)];
}

const advice: Record<Action, (group: Known) => string> = {
  replay: ({ about }) => `The trouble passes by itself. Replay the letters once ${nameOf(about)} works again.`,
  'replay-after-fix': ({ about }) => `Mend ${nameOf(about)} first; then replay the letters.`,
  transform: () => 'The letters can be mended. Replay them with a transform, which is tried on them before.',
  quarantine: () => 'The letters cannot be mended here. They are safe in the quarantine; tell who produced them.',
  discard: ({ owner }) => `The letters may be of no use. ${owner ?? 'Their owner'} decides; nothing is deleted before.`,
  escalate: ({ owner }) => `The letters do not tell what to do. Ask ${owner ?? 'the owner of the topic'}.`,
};

/** Actions that end in a replay. */
const replayed: ReadonlySet<Action> = new Set(['replay', 'replay-after-fix', 'transform']);

function replaySteps(group: Known): Step[] {
  const replay = prepareReplay(group);
  const file = { name: `${replay.name}.yaml`, content: stringify(replay, { lineWidth: 0 }) };
  const additions = [
    ...(group.action === 'transform' ? ['Add transforms.'] : []),
    ...(group.about.family === 'unknown'
      ? ['Its letters do not tell where they came from: add "to" with a topic.']
      : []),
  ];
  return [
    {
      text: ['Plan the replay from this file; that changes nothing.', ...additions].join(' '),
      file,
      command: `lakewarden replay plan ${quoteWord(file.name)} --json > ${quoteWord(`${replay.name}.json`)}`,
    },
    { text: 'Review the plan, then apply it.', command: `lakewarden replay apply ${quoteWord(`${replay.name}.json`)}` },
  ];
}

/** A replay of the unhandled letters of a group, as `replay plan` reads it. */
function prepareReplay({ id, topic, unhandledSince }: Known) {
  return {
    name: `${topic.slice(0, longestTopic)}-${id}`.replaceAll(/[^\w.-]|^[-.]/g, '_').slice(0, longestName),
    filter: {
      topic,
      fingerprints: [id],
      // Of a group that came back only letters since then are unhandled.
      ...(unhandledSince === undefined ? {} : { times: { from: unhandledSince } }),
    },
  };
}

const longestTopic = 50;
const longestName = 80;

function nameOf({ component, stage }: Known['about']): string {
  return [component === '' ? 'what failed' : component, ...(stage === '' ? [] : [`(${stage})`])].join(' ');
}

function look({ topic, places: [place] }: Known): Step {
  const text = 'Look at one of its letters. This shows it unmasked.';
  if (place === undefined) return { text };
  const words = [
    'kafka-console-consumer.sh --bootstrap-server "$BROKERS"',
    `--topic ${quoteWord(topic)} --partition ${place.partition} --offset ${quoteWord(place.lastOffset)} --max-messages 1`,
    '--property print.headers=true --property print.key=true',
  ];
  return { text, command: words.join(' ') };
}

function resolve({ id, topic }: Known): Step {
  return {
    text: 'When its letters are handled, close it. A letter that comes later opens it again.',
    command: `lakewarden triage resolve ${quoteWord(topic)} ${quoteWord(id)}`,
  };
}

/** A word of a command line that no shell takes for anything else. */
function quoteWord(word: string): string {
  return /^[\w.:/@-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
