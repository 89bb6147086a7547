import { expect, test } from '@jest/globals';
import {
  array,
  assert,
  constantFrom,
  oneof,
  property,
  record,
  sample,
  shuffledSubarray,
  subarray,
  uniqueArray,
} from 'fast-check';
import type { Column } from '#shared/parquet/columns.ts';
import { formatHiveType, type HiveType, parseHiveType } from '#shared/parquet/hive-type.ts';
import { joinColumns, joinTypes } from '#shared/parquet/lattice.ts';
import { type Widening, widenings } from '#shared/parquet/leaf-join.ts';
import { hiveTypes, kindredTypes, leafTypes } from '../support/hive-types.ts';

const anyType = hiveTypes();
// Few names and kindred leaves, so that many of them have a common type; structs, because fields are where orders differ.
const fieldName = constantFrom('a', 'b', 'C', 'c', 'd', 'e');
const structs = uniqueArray(
  record({
    name: fieldName,
    type: oneof({ weight: 6, arbitrary: kindredTypes }, { weight: 1, arbitrary: hiveTypes(fieldName, kindredTypes) }),
  }),
  {
    maxLength: 4,
    selector: (field) => field.name.toLowerCase(),
  },
).map((fields): HiveType => ({ kind: 'struct', fields }));
const type = oneof(
  { weight: 1, arbitrary: leafTypes },
  { weight: 2, arbitrary: kindredTypes },
  { weight: 8, arbitrary: structs },
);
const allowed = subarray([...widenings]);
const runs = { numRuns: 1000 };

/** Struct fields in the order of their names: what a join leaves open. */
function sorted(of: HiveType | undefined): HiveType | undefined {
  switch (of?.kind) {
    case 'array':
      return { ...of, element: sorted(of.element) as HiveType };
    case 'map':
      return { ...of, value: sorted(of.value) as HiveType };
    case 'struct': {
      const fields = of.fields.map((field) => ({
        name: field.name.toLowerCase(),
        type: sorted(field.type) as HiveType,
      }));
      return { ...of, fields: fields.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    }
    default:
      return of;
  }
}

function join(a: HiveType | undefined, b: HiveType | undefined, allow: readonly Widening[]): HiveType | undefined {
  return a && b && joinTypes(a, b, allow);
}

test('a type text is read back as the type that was written', () => {
  assert(
    property(anyType, (of) => {
      expect(parseHiveType(formatHiveType(of))).toEqual(of);
    }),
    runs,
  );
});

test('a join with itself changes nothing', () => {
  assert(
    property(type, allowed, (a, allow) => {
      expect(join(a, a, allow)).toEqual(a);
    }),
    runs,
  );
});

test('a join does not depend on the order of the two, but for the order of struct fields', () => {
  assert(
    property(type, type, allowed, (a, b, allow) => {
      expect(sorted(join(a, b, allow))).toEqual(sorted(join(b, a, allow)));
    }),
    runs,
  );
});

test('a join of three does not depend on which two are joined first', () => {
  assert(
    property(type, type, type, allowed, (a, b, c, allow) => {
      const left = join(join(a, b, allow), c, allow);
      expect(sorted(left)).toEqual(sorted(join(a, join(b, c, allow), allow)));
    }),
    { numRuns: 5000 },
  );
});

test('the types of these tests have a common type often enough to tell something', () => {
  const joined = sample(array(type, { minLength: 3, maxLength: 3 }), 1000).filter(([a, b, c]) =>
    join(join(a, b, widenings), c, widenings),
  );
  expect(joined.length).toBeGreaterThan(150);
});

test('a join holds both', () => {
  assert(
    property(type, type, allowed, (a, b, allow) => {
      const both = join(a, b, allow);
      if (both === undefined) return;
      expect(join(both, a, allow)).toEqual(both);
      expect(join(both, b, allow)).toEqual(both);
    }),
    runs,
  );
});

test('whatever joins without being asked for joins the same way with more allowed', () => {
  assert(
    property(type, type, allowed, (a, b, allow) => {
      const safe = join(a, b, []);
      if (safe !== undefined) expect(join(a, b, allow)).toEqual(safe);
    }),
    runs,
  );
});

const column = record({ name: constantFrom('id', 'ID', 'at', 'tags', 'price'), type });
const file = uniqueArray(column, { maxLength: 4, selector: ({ name }) => name.toLowerCase() });

test('the columns of any number of files come out the same in any order, and conflict in every order or in none', () => {
  const orders = array(file, { minLength: 2, maxLength: 5 }).chain((files) =>
    record({ files: constantFrom(files), shuffled: shuffledSubarray(files, { minLength: files.length }) }),
  );
  assert(
    property(orders, allowed, ({ files, shuffled }, allow) => {
      expect(outcome(shuffled, allow)).toEqual(outcome(files, allow));
    }),
    runs,
  );
});

function outcome(files: readonly Column[][], allow: readonly Widening[]) {
  let columns: readonly Column[] = [];
  let conflict = false;
  for (const found of files) {
    const joined = joinColumns(columns, found, { allow });
    conflict ||= joined.conflicts.length > 0;
    columns = joined.columns;
  }
  if (conflict) return 'conflict';
  return new Map(columns.map(({ name, type: of }) => [name.toLowerCase(), sorted(of)]));
}

test('no declared column is dropped or moved; joining the same file again changes nothing', () => {
  assert(
    property(file, file, allowed, (declared, found, allow) => {
      const once = joinColumns(declared, found, { allow });
      expect(once.columns.slice(0, declared.length).map(({ name }) => name)).toEqual(declared.map(({ name }) => name));
      const again = joinColumns(once.columns, found, { allow });
      expect(again.columns).toEqual(once.columns);
      expect(again.changes).toEqual([]);
    }),
    runs,
  );
});
