import { type CelFunc, celFunc, type CelList, celMethod, CelScalar, type CelValue, listType } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { parseQuantity } from './quantity.ts';

const { BOOL, BYTES, DOUBLE, DYN, INT, STRING } = CelScalar;
const list = listType(DYN);

/** Longest text that a function may make, in characters. */
const longestText = 1 << 20;

/**
 * What expressions of Kubernetes' admission policies use beyond CEL's own functions, as far as it needs neither types of its own
 * nor the API server (https://kubernetes.io/docs/reference/using-api/cel/). A quantity is handed on as a text of billionths,
 * so that equal ones are equal however they were written.
 */
export const clusterFunctions: CelFunc[] = [
  celFunc('isQuantity', [STRING], BOOL, (text) => parseQuantity(text) !== undefined),
  celFunc('quantity', [STRING], STRING, (text) => {
    const quantity = parseQuantity(text);
    if (quantity === undefined) throw new Error('not a quantity');
    return String(quantity);
  }),
  onQuantities('isGreaterThan', BOOL, (a, b) => a > b),
  onQuantities('isLessThan', BOOL, (a, b) => a < b),
  onQuantities('compareTo', INT, (a, b) => signOf(a - b)),
  onQuantities('add', STRING, (a, b) => String(a + b)),
  onQuantities('sub', STRING, (a, b) => String(a - b)),
  celMethod('sign', STRING, [], INT, function () {
    return signOf(BigInt(this));
  }),
  celMethod('isInteger', STRING, [], BOOL, function () {
    return BigInt(this) % 1_000_000_000n === 0n;
  }),
  celMethod('asInteger', STRING, [], INT, function () {
    if (BigInt(this) % 1_000_000_000n !== 0n) throw new Error('not a whole quantity');
    return BigInt(this) / 1_000_000_000n;
  }),
  celMethod('asApproximateFloat', STRING, [], DOUBLE, function () {
    return Number(BigInt(this)) / 1e9;
  }),
  celMethod('isSorted', list, [], BOOL, function () {
    const items = [...this];
    return items.every((item, index) => index === 0 || compare(items[index - 1] ?? null, item) <= 0);
  }),
  celMethod('min', list, [], DYN, function () {
    return best(this, -1);
  }),
  celMethod('max', list, [], DYN, function () {
    return best(this, 1);
  }),
  celMethod('sum', list, [], DYN, function () {
    const items = [...this];
    if (items.every((item) => typeof item === 'number')) return items.reduce((sum, item) => sum + item, 0);
    if (items.every((item) => typeof item === 'bigint')) return items.reduce((sum, item) => sum + item, 0n);
    throw new Error('only numbers of one type can be added');
  }),
  celFunc('sets.contains', [list, list], BOOL, (items, wanted) => {
    const have = keysOf(items);
    return [...keysOf(wanted)].every((key) => have.has(key));
  }),
  celFunc('sets.intersects', [list, list], BOOL, (items, wanted) => {
    const have = keysOf(items);
    return [...keysOf(wanted)].some((key) => have.has(key));
  }),
  celFunc('sets.equivalent', [list, list], BOOL, (items, others) => {
    const [a, b] = [keysOf(items), keysOf(others)];
    return a.size === b.size && [...a].every((key) => b.has(key));
  }),
];

/** CEL's functions that make texts out of texts, so that no expression can make one that fills the memory. */
export const boundedFunctions: CelFunc[] = [
  celFunc('_+_', [STRING, STRING], STRING, (a, b) => checkLength(a.length + b.length, () => a + b)),
  celFunc('_+_', [BYTES, BYTES], BYTES, (a, b) => checkLength(a.length + b.length, () => Buffer.concat([a, b]))),
  celMethod('replace', STRING, [STRING, STRING], STRING, function (from, to) {
    return replace(this, from, to);
  }),
  celMethod('replace', STRING, [STRING, STRING, INT], STRING, function (from, to, times) {
    return replace(this, from, to, Number(times));
  }),
  celMethod('join', listType(STRING), [], STRING, function () {
    return join(this, '');
  }),
  celMethod('join', listType(STRING), [STRING], STRING, function (separator) {
    return join(this, separator);
  }),
];

/** The other functions for texts: https://pkg.go.dev/github.com/google/cel-go/ext#Strings. */
export const textFunctions: CelFunc[] = strings.filter(({ name }) => name !== 'replace' && name !== 'join');

function checkLength<Value>(length: number, make: () => Value): Value {
  if (length > longestText) throw new Error(`a text of more than ${longestText} characters`);
  return make();
}

function replace(text: string, from: string, to: string, times = -1): string {
  const most = from === '' ? text.length + 1 : text.split(from).length - 1;
  const count = times < 0 ? most : Math.min(times, most);
  return checkLength(text.length + count * to.length, () => {
    let left = times < 0 ? Number.POSITIVE_INFINITY : times;
    return text.replaceAll(from, (found) => {
      left -= 1;
      return left < 0 ? found : to;
    });
  });
}

function join(items: CelList, separator: string): string {
  const texts = [...items].map(String);
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  return checkLength(length, () => texts.join(separator));
}

function onQuantities<Result extends typeof BOOL | typeof INT | typeof STRING>(
  name: string,
  result: Result,
  answer: (a: bigint, b: bigint) => Result extends typeof BOOL ? boolean : Result extends typeof INT ? bigint : string,
): CelFunc {
  return celMethod(name, STRING, [STRING], result as typeof STRING, function (other) {
    return answer(BigInt(this), BigInt(other)) as string;
  });
}

function signOf(value: bigint): bigint {
  if (value === 0n) return 0n;
  return value > 0n ? 1n : -1n;
}

function best(items: CelList, sign: 1 | -1): CelValue {
  const [first, ...others] = [...items];
  if (first === undefined) throw new Error('the list is empty');
  return others.reduce((found, item) => (compare(item, found) * sign > 0 ? item : found), first);
}

function compare(a: CelValue, b: CelValue): number {
  const isNumber = (value: CelValue): boolean => typeof value === 'number' || typeof value === 'bigint';
  if (!(isNumber(a) && isNumber(b)) && !(typeof a === 'string' && typeof b === 'string'))
    throw new Error('only numbers, or only texts, can be compared');
  if ((a as string) < (b as string)) return -1;
  return Number((a as string) > (b as string));
}

/** One key for equal scalars; numbers of all types that have the same value are equal. */
function keysOf(items: CelList): Set<string> {
  return new Set(
    [...items].map((item) => {
      if (typeof item === 'object' && item !== null) throw new Error('sets are of numbers, texts and booleans');
      return typeof item === 'bigint' || typeof item === 'number' ? `n${item}` : `${typeof item}${item}`;
    }),
  );
}
