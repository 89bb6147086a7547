import { closerOf, kindOf, kinds } from './characters.ts';
import { blank, isPerson, isTelling, maskWord } from './mask-word.ts';

/** Characters of a message that are looked at, and those of the outcome. */
const mostRead = 4_096;
const mostWritten = 512;

/** Jackson quotes the beginning of what it reads: all of that differs from letter to letter, and none of it is for people. */
const sourceStart = '[Source: ';
const sourceEnd = /; (?:line: -?\d+, column: -?\d+|byte offset: #?\w+)\]/g;

/**
 * A message without what differs from letter to letter: quoted text, values after `=`, numbers, ids, times, addresses and paths
 * become `*`, and several in a row one. One pass over at most 4,096 characters, to at most 512; pure.
 */
export function maskMessage(message: string): string {
  return new Masking(message).run();
}

class Masking {
  readonly #message: string;
  readonly #end: number;
  #at = 0;
  #out = '';
  /** What stands between the last token and the next. */
  #gap = '';
  #word = '';
  #last = '';
  /** Closing quotes that do not come any more, so that none is searched for twice. */
  readonly #unclosed = new Set<number>();
  #hasSources = true;

  constructor(message: string) {
    this.#message = message;
    this.#end = Math.min(message.length, mostRead);
  }

  run(): string {
    while (this.#at < this.#end && this.#out.length < mostWritten) {
      const code = this.#message.charCodeAt(this.#at);
      const kind = kindOf(code);
      if (kind === kinds.space) {
        if (!this.#gap.endsWith(' ')) this.#gap += ' ';
        this.#at += 1;
      } else if (kind === kinds.letter || kind === kinds.digit || kind === kinds.within) this.#takeWord();
      else this.#takeMark(code);
    }
    return `${this.#out}${this.#gap}`.slice(0, mostWritten).trim();
  }

  #takeWord(): void {
    const from = this.#at;
    let stop = from;
    let at = from;
    for (; at < this.#end; at += 1) {
      const kind = kindOf(this.#message.charCodeAt(at));
      if (kind === kinds.letter || kind === kinds.digit) stop = at + 1;
      else if (kind !== kinds.within) break;
    }
    this.#at = at;
    const word = this.#message.slice(from, stop);
    if (word !== '') {
      const isKept = isTelling(word, this.#word, this.#gap);
      const isValue = this.#gap.endsWith('=') || (this.#gap === ' ' && isPerson(word, this.#word));
      const token = isKept ? word : isValue ? blank : maskWord(word);
      this.#put(token);
      this.#word = token === word ? word : '';
    }
    // What only ends a sentence is no part of the word.
    this.#gap += this.#message.slice(stop, at);
  }

  /** A quoted text, or one character as it is. */
  #takeMark(code: number): void {
    if (code === 0x5b && this.#takeSource()) return;
    const closer = this.#isWithinWord() ? undefined : closerOf(code);
    const close = closer === undefined || this.#unclosed.has(closer) ? -1 : this.#findCloser(closer);
    if (close < 0) {
      this.#gap += this.#message[this.#at];
      this.#at += 1;
      // Nothing in brackets is an empty list.
      const next = this.#message[this.#at];
      if ((code === 0x28 && next === ')') || (code === 0x5b && next === ']')) this.#put(blank);
      return;
    }
    this.#put(blank);
    this.#at = close + 1;
  }

  /** Takes what Jackson tells of its source; where the message is cut within that, all that is left. */
  #takeSource(): boolean {
    if (!this.#hasSources || !this.#message.startsWith(sourceStart, this.#at)) return false;
    sourceEnd.lastIndex = this.#at;
    this.#hasSources = sourceEnd.test(this.#message);
    if (!this.#hasSources && this.#message.length < mostRead) return false;
    this.#put(`${sourceStart}${blank}]`);
    this.#at = this.#hasSources ? sourceEnd.lastIndex : this.#end;
    return true;
  }

  /** An apostrophe is no quote. */
  #isWithinWord(): boolean {
    if (this.#at === 0) return false;
    const before = kindOf(this.#message.charCodeAt(this.#at - 1));
    return before === kinds.letter || before === kinds.digit;
  }

  /** Where the quote is closed; where the message is cut before that, its end; -1 when it is closed nowhere. */
  #findCloser(closer: number): number {
    const close = this.#message.indexOf(String.fromCharCode(closer), this.#at + 1);
    if (close >= 0) return Math.min(close, this.#end);
    if (this.#end < this.#message.length) return this.#end;
    this.#unclosed.add(closer);
    return -1;
  }

  #put(token: string): void {
    // A list is as long as it happens to be.
    const isAgain = token === this.#last && token.endsWith(blank) && isThin(this.#gap);
    if (!isAgain) this.#out += this.#gap + token;
    this.#gap = '';
    this.#last = token;
  }
}

/** True for what stands between the members of a list, and within an address. */
function isThin(gap: string): boolean {
  for (const character of gap) if (!' ,;:='.includes(character)) return false;
  return true;
}
