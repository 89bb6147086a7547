/**
 * What `ARROW:schema` of a Parquet footer says about fields, in a text that is the same for the same names, types and metadata
 * of fields. Metadata of the schema as a whole is left out: pandas writes the number of rows there. Undefined for what is no
 * such schema. (Base64 of an encapsulated IPC message, in Flatbuffers: format/Message.fbs and Schema.fbs of Apache Arrow.)
 */
export function describeArrowFields(value: string): string | undefined {
  try {
    const bytes = Buffer.from(value, 'base64');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // Old writers leave the first four of the eight bytes out.
    const start = view.getUint32(0, true) === 0xffffffff ? 8 : 4;
    const budget = { bytes: 16 * bytes.length };
    const message = new Table(view, start + view.getUint32(start, true), budget);
    if (message.byte(1) !== schemaHeader) return undefined;
    const fields = message.table(2)?.tables(1);
    return fields && JSON.stringify(fields.map((field) => describeField(field, maxDepth)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const schemaHeader = 1;
const maxDepth = 100;

/** Which fields of a type's table hold what: `s` two bytes, `i` four, `b` one, `t` text; in the order of Schema.fbs. */
const typeFields: Readonly<Record<number, readonly ('s' | 'i' | 'b' | 't')[]>> = {
  2: ['i', 'b'],
  3: ['s'],
  7: ['i', 'i', 'i'],
  8: ['s'],
  9: ['s', 'i'],
  10: ['s', 't'],
  11: ['s'],
  15: ['i'],
  16: ['i'],
  17: ['b'],
  18: ['s'],
};

function describeField(field: Table, depth: number): unknown {
  if (depth === 0) throw new RangeError('fields nest too deep');
  const type = field.byte(2) ?? 0;
  const dictionary = field.table(4);
  return [
    field.text(0),
    field.byte(1),
    type,
    describeType(field.table(3), type),
    dictionary && [describeType(dictionary.table(1), 2), dictionary.byte(2)],
    (field.tables(5) ?? []).map((child) => describeField(child, depth - 1)),
    (field.tables(6) ?? []).map((pair) => JSON.stringify([pair.text(0), pair.text(1)])).toSorted(),
  ];
}

function describeType(table: Table | undefined, type: number): unknown[] {
  return (typeFields[type] ?? []).map((kind, index) => {
    if (kind === 'b') return table?.byte(index);
    if (kind === 't') return table?.text(index);
    return kind === 's' ? table?.short(index) : table?.int(index);
  });
}

/** A table of Flatbuffers; a field that is not there is undefined. @throws RangeError for what points out of the bytes */
class Table {
  readonly #view: DataView;
  readonly #at: number;
  readonly #budget: { bytes: number };

  /** What is read is taken from the budget, since places may be pointed at again and again. */
  constructor(view: DataView, at: number, budget: { bytes: number }) {
    this.#view = view;
    this.#at = at;
    this.#budget = budget;
  }

  #spend(bytes: number): void {
    this.#budget.bytes -= bytes;
    if (this.#budget.bytes < 0) throw new RangeError('more is pointed at than there is');
  }

  #find(index: number): number | undefined {
    const vtable = this.#at - this.#view.getInt32(this.#at, true);
    const slot = 4 + 2 * index;
    const offset = slot < this.#view.getUint16(vtable, true) ? this.#view.getUint16(vtable + slot, true) : 0;
    return offset === 0 ? undefined : this.#at + offset;
  }

  #follow(index: number): number | undefined {
    const at = this.#find(index);
    return at === undefined ? undefined : at + this.#view.getUint32(at, true);
  }

  byte(index: number): number | undefined {
    const at = this.#find(index);
    return at === undefined ? undefined : this.#view.getUint8(at);
  }

  short(index: number): number | undefined {
    const at = this.#find(index);
    return at === undefined ? undefined : this.#view.getInt16(at, true);
  }

  int(index: number): number | undefined {
    const at = this.#find(index);
    return at === undefined ? undefined : this.#view.getInt32(at, true);
  }

  text(index: number): string | undefined {
    const at = this.#follow(index);
    if (at === undefined) return undefined;
    const length = this.#view.getUint32(at, true);
    this.#spend(length);
    if (at + 4 + length > this.#view.byteLength) throw new RangeError('a text ends outside');
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at + 4, length).toString();
  }

  table(index: number): Table | undefined {
    const at = this.#follow(index);
    return at === undefined ? undefined : new Table(this.#view, at, this.#budget);
  }

  tables(index: number): Table[] | undefined {
    const at = this.#follow(index);
    if (at === undefined) return undefined;
    const length = this.#view.getUint32(at, true);
    this.#spend(4 * length);
    return Array.from({ length }, (_, item) => {
      const place = at + 4 + 4 * item;
      return new Table(this.#view, place + this.#view.getUint32(place, true), this.#budget);
    });
  }
}
