import type { Action, LetterClass } from '../classify/classes.ts';
import type { Group, Sample } from '../group/group.ts';
import type { Suggestion } from '../group/similar.ts';
import type { ReportOptions } from './facts.ts';

/** What retention is about to do, or has done, to unhandled letters. Times are in ISO 8601, UTC, as in all of a report. */
export interface ThreatReport {
  /** When the next unhandled letter may be deleted, at the earliest. */
  readonly deletedFrom: string;
  readonly by: 'time' | 'size' | 'compaction';
  readonly leftMs: number;
  /** Soon enough to be told before all else. */
  readonly isNear: boolean;
}

/** One dead letter topic. Numbers of letters that are reckoned from offsets are in decimal. */
export interface TopicReport {
  readonly topic: string;
  readonly partitions: number;
  readonly openGroups: number;
  readonly openLetters: number;
  /** Offsets that triage has not come to yet. */
  readonly unread: string;
  /** Offsets of unhandled letters that retention deleted, at most. */
  readonly lost: string;
  /** False when settings or size of the topic are not known: then there may be a threat that is not told. */
  readonly isRetentionKnown: boolean;
  readonly threat?: ThreatReport;
}

/** Something to do about a group: in words, by a command, with a file for it. */
export interface Step {
  readonly text: string;
  readonly command?: string;
  readonly file?: { readonly name: string; readonly content: string };
}

/** A group of one dead letter topic; its texts are masked. */
export interface GroupReport {
  readonly id: string;
  readonly topic: string;
  readonly about: Pick<Group['about'], 'family' | 'component' | 'stage' | 'errorClass' | 'message' | 'frames'>;
  /** What it is called: the error's class without its package, and the message. */
  readonly title: string;
  readonly class: LetterClass;
  readonly action: Action;
  readonly owner?: string;
  /** What class and action were concluded from. */
  readonly by: readonly string[];
  readonly state: Group['state'];
  readonly episode: number;
  /** All letters, and those that nobody took care of since it was opened the last time. */
  readonly letters: number;
  readonly openLetters: number;
  /** Of a group that came back: the hour in which its unhandled letters begin. */
  readonly unhandledSince?: string;
  /** Plans that sent letters back, the newest last; when that was noted. */
  readonly replays?: readonly { readonly plan: string; readonly letters: number; readonly at: string }[];
  /** Letters per hour over the last day. */
  readonly perHour: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** How long it has been there, in milliseconds; never negative. */
  readonly ageMs: number;
  /** Letters of each of the last 48 hours, the newest last. */
  readonly hours: readonly number[];
  /** Where its letters are; of many partitions those with most letters. */
  readonly places: readonly {
    readonly partition: number;
    readonly letters: number;
    readonly firstOffset: string;
    readonly lastOffset: string;
  }[];
  readonly samples: readonly Sample[];
  readonly next: readonly Step[];
}

/** All that a report shows; HTML, Markdown and JSON are made of it alone. */
export interface Report {
  readonly version: 1;
  readonly madeAt: string;
  readonly order: ReportOptions['order'];
  readonly totals: {
    readonly openGroups: number;
    readonly resolvedGroups: number;
    readonly openLetters: number;
    readonly letters: number;
    readonly unread: string;
    readonly lost: string;
  };
  readonly topics: readonly TopicReport[];
  /** Letters of each of the last 48 hours, the newest last. */
  readonly timeline: readonly { readonly hour: string; readonly letters: number }[];
  /** Open groups by class and action, those with most letters first. */
  readonly classes: readonly {
    readonly class: LetterClass;
    readonly action: Action;
    readonly groups: number;
    readonly letters: number;
  }[];
  readonly groups: readonly GroupReport[];
  /** What is not shown one by one. */
  readonly rest: { readonly groups: number; readonly openLetters: number; readonly letters: number };
  readonly suggestions: readonly Suggestion[];
  /** Suggestions that are not shown. */
  readonly moreSuggestions: number;
}
