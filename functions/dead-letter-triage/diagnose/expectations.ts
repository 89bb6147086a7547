import type { Settings } from '../config.ts';
import type { Expectation } from './diagnose.ts';
import type { RecordPart } from './wire-format.ts';
import { firstOrigin, type Letter } from '../letter/letter.ts';
import { fitsPattern } from '../pattern.ts';

/** What is known beforehand of a letter's key and value. */
export type PartExpectations = Partial<Readonly<Record<RecordPart, Expectation>>>;

/** Topics of which answers are kept. */
const mostTopics = 1_000;

/** What keys and values of topics should be, by the settings. */
export class Expectations {
  readonly #settings: Settings['expectations'];
  readonly #known = new Map<string, PartExpectations>();

  constructor(settings: Settings['expectations']) {
    this.#settings = settings;
  }

  /** By the topic that the letter comes from, or else by the one that it lies in. */
  of(letter: Letter): PartExpectations {
    const origin = firstOrigin(letter);
    const topic = origin?.maybeId === true ? undefined : origin?.topic;
    const name = topic ?? letter.record.topic;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const found = this.#settings.find((one) => fitsPattern(name, one.topic));
    const part = (own: Expectation | undefined) =>
      own && { ...own, subject: own.subject?.replaceAll('{topic}', () => name) };
    const [key, value] = [part(found?.key), part(found?.value)];
    const expected = { ...(key === undefined ? {} : { key }), ...(value === undefined ? {} : { value }) };
    // Names of topics come from headers, which may hold anything.
    if (this.#known.size >= mostTopics) this.#known.clear();
    this.#known.set(name, expected);
    return expected;
  }
}
