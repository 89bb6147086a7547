import type { Settings } from '../config.ts';
import { firstOrigin, lastFailure, type Letter } from './letter.ts';
import { compilePattern } from '../pattern.ts';

/** Says who looks after a letter, by the settings; undefined when nobody does. */
export type FindOwner = (letter: Letter) => string | undefined;

/** Compiles the settings of owners; the first that fits in all that it asks for counts. */
export function compileOwners(owners: Settings['owners']): FindOwner {
  const compiled = owners.map(({ owner, topic, origin, component }) => {
    const [ofTopic, ofOrigin, ofComponent] = [topic, origin, component].map((one) => one && compilePattern(one));
    return {
      owner,
      fits: (letter: Letter): boolean =>
        fit(ofTopic, letter.record.topic) &&
        fit(ofOrigin, firstOrigin(letter)?.topic) &&
        fit(ofComponent, lastFailure(letter)?.component),
    };
  });
  return (letter) => compiled.find(({ fits }) => fits(letter))?.owner;
}

function fit(wanted: '' | ((text: string) => boolean) | undefined, text: string | undefined): boolean {
  return typeof wanted !== 'function' || (text !== undefined && wanted(text));
}
