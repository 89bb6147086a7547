import { test } from '@jest/globals';
import fc from 'fast-check';
import { escapeValue, partitionName, partitionValues, unescapeValue } from '#shared/lake/partition-name.ts';
import { formatPath, matchPath, parseTemplate } from '#shared/lake/path-template.ts';

const day = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-30'), noInvalidDate: true })
  .map((date) => date.toISOString());
const hourValues = day.map((text) => [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10), text.slice(11, 13)]);

test('values of the calendar go to a path and come back, in either layout', () => {
  const layouts = [
    '{year}/{month}/{day}/{hour}',
    'year={year}/month={month}/day={day}/hour={hour}',
    '{year}-{month}-{day}/{hour}',
  ].map(parseTemplate);
  fc.assert(
    fc.property(hourValues, fc.constantFrom(...layouts), (values, template) => {
      const match = matchPath(template, formatPath(template, values).split('/'));
      return 'values' in match && match.complete && match.values.join() === values.join();
    }),
  );
});

test('any text goes to a key=value path and comes back', () => {
  const template = parseTemplate('region={region}/city={city}');
  const value = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(
    fc.property(value, value, (region, city) => {
      const match = matchPath(template, formatPath(template, [region, city]).split('/'));
      return 'values' in match && match.values[0] === region && match.values[1] === city;
    }),
  );
});

test('any values go to a partition name and come back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), (values) => {
      const keys = values.map((_, index) => `k${index}`);
      return partitionValues(partitionName(keys, values))?.join('\0') === values.join('\0');
    }),
  );
});

test('what is escaped comes back, and holds nothing that means something in a path', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => unescapeValue(escapeValue(text)) === text && !/[/=:*?"]/.test(escapeValue(text)),
    ),
  );
});
