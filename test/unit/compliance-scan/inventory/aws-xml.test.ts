import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Wire, XmlReader } from '#functions/compliance-scan/inventory/aws/xml.ts';

/** Reads a text that comes in pieces of a length. */
function read(text: string, piece = text.length): Wire {
  const reader = new XmlReader();
  for (let at = 0; at < text.length; at += piece) reader.push(text.slice(at, at + piece));
  return reader.end();
}

/** As ordinary objects. */
function plain(value: Wire): unknown {
  return JSON.parse(JSON.stringify(value));
}

const document = `<?xml version="1.0" encoding="UTF-8"?>
<DescribeThingsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <thingSet><item><id>1</id><name>R&amp;D &#60;lake&#x3e; &quot;x&quot;</name><empty/></item><item><id>2</id></item></thingSet>
  <none/><s:one s:type="x">text</s:one>
</DescribeThingsResponse>`;
const data = {
  DescribeThingsResponse: {
    thingSet: [{ id: '1', name: 'R&D <lake> "x"', empty: '' }, { id: '2' }],
    none: '',
    one: 'text',
  },
};

describe('the XML of AWS', () => {
  test('is read the same in whatever pieces it comes', () => {
    for (const piece of [1, 2, 7, 64, document.length]) expect(plain(read(document, piece))).toEqual(data);
  });

  test.each([
    '<a>',
    '<a></b>',
    '</a>',
    '<a><b></a></b>',
    '<a/></a>',
    '<!DOCTYPE a><a/>',
    '<a><![CDATA[x]]></a>',
    '<a',
    '<a>'.repeat(1_000),
  ])('%s is refused', (text) => {
    expect(() => read(text)).toThrow(TypeError);
  });

  test('names of methods are names like others', () => {
    const value = read('<r><__proto__>x</__proto__><toString>y</toString></r>');
    expect(JSON.stringify(value)).toBe('{"r":{"__proto__":"x","toString":"y"}}');
  });

  test('any text comes back, and any bytes are read or refused', () => {
    const escape = (text: string): string =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.integer({ min: 1, max: 9 }), (text, near, piece) => {
        expect(read(`<a>${escape(text)}</a>`, piece)).toEqual({ a: text });
        try {
          read(`<a>${near}`, piece);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
    );
  });
});
