import { blank } from './mask-word.ts';
import type { Group } from './group.ts';

/** Groups that may be one; nobody merges them but a person, by a rule. */
export interface Suggestion {
  /** Fingerprints, sorted. */
  readonly groups: readonly string[];
  /** The same frames below different messages, or messages that differ in few words. */
  readonly because: 'frames' | 'message';
  /** The common message, with `*` where they differ. */
  readonly template: string;
}

/** Share of words that must be the same, as in Drain (He et al., ICWS 2017). */
const alikeShare = 0.5;
/** Templates of one kind that are compared with, so that the time stays in proportion to the groups. */
const mostTemplates = 100;

type Similar = Pick<Group, 'id' | 'about'>;

/**
 * Suggests which groups of the same family, component, stage and class may be one. The same groups in any order give the same
 * suggestions, since they are looked at in the order of their fingerprints.
 */
export function suggestMerges(groups: readonly Similar[]): Suggestion[] {
  const sorted = groups.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  const kinds = Map.groupBy(sorted, ({ about: { family, component, stage, errorClass } }) =>
    [family, component, stage, errorClass].join('\0'),
  );
  return [...kinds.values()].flatMap((kind) => {
    if (kind.length < 2) return [];
    const framed = [
      ...Map.groupBy(
        kind.filter(({ about }) => about.frames.length > 0),
        ({ about }) => about.frames.join('\0'),
      ).values(),
    ];
    const byFrames = framed.filter((alike) => alike.length > 1).map((alike) => suggest(alike, 'frames'));
    const taken = new Set(byFrames.flatMap((one) => one.groups));
    return [...byFrames, ...byMessage(kind.filter(({ id }) => !taken.has(id)))];
  });
}

interface Cluster {
  template: string[];
  readonly members: Similar[];
}

/** Messages of as many words, half of which are the same. */
function byMessage(kind: readonly Similar[]): Suggestion[] {
  const lengths = new Map<number, Cluster[]>();
  for (const group of kind) {
    const words = group.about.message.split(' ');
    const clusters = lengths.get(words.length) ?? [];
    lengths.set(words.length, clusters);
    const cluster = clusters.find(({ template }) => isAlike(template, words));
    if (cluster === undefined) {
      if (clusters.length < mostTemplates) clusters.push({ template: words, members: [group] });
      continue;
    }
    cluster.template = cluster.template.map((word, index) => (word === words[index] ? word : blank));
    cluster.members.push(group);
  }
  return [...lengths.values()]
    .flat()
    .filter(({ members }) => members.length > 1)
    .map(({ members }) => suggest(members, 'message'));
}

function isAlike(template: readonly string[], words: readonly string[]): boolean {
  const same = words.reduce((count, word, index) => count + Number(word === template[index]), 0);
  return same / words.length >= alikeShare;
}

function suggest(alike: readonly Similar[], because: Suggestion['because']): Suggestion {
  const [first, ...others] = alike.map(({ about }) => about.message.split(' '));
  const isEven = others.every((words) => words.length === first?.length);
  const template = isEven
    ? (first ?? []).map((word, index) => (others.every((words) => words[index] === word) ? word : blank)).join(' ')
    : blank;
  return { groups: alike.map(({ id }) => id), because, template };
}
