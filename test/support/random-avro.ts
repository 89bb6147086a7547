import { Dice } from './dice.ts';
import { codecs, type RandomFiles } from './random-parquet.ts';

/** A type of Avro, and its values in Avro's JSON encoding. */
interface AvroType {
  readonly type: unknown;
  /** By which a union names it. */
  readonly branch: string;
  readonly make: () => unknown;
}

const latin1 = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');

/** What Kafka Connect makes of its schemas: types, logical types, and its own names for what is in them. */
class AvroSchemas {
  readonly #dice: Dice;
  #names = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  record(fields: number, depth: number): AvroType {
    this.#names += 1;
    const name = `R${this.#names}`;
    const made = this.#dice.times(fields, (index) => ({ name: `f${index}`, ...this.#field(depth) }));
    return {
      type: { type: 'record', name, fields: made.map(({ name: field, type }) => ({ name: field, type })) },
      branch: name,
      make: () => Object.fromEntries(made.map((field) => [field.name, field.make()])),
    };
  }

  #field(depth: number): { type: unknown; make: () => unknown } {
    const dice = this.#dice;
    const { type, branch, make } = this.#any(depth);
    if (dice.oneIn(3)) return { type, make };
    const isEmpty = dice.oneIn(8);
    return { type: ['null', type], make: () => (isEmpty || dice.oneIn(4) ? null : { [branch]: make() }) };
  }

  #any(depth: number): AvroType {
    const dice = this.#dice;
    if (depth >= 3 || dice.oneIn(2)) return this.#leaf();
    switch (dice.below(3)) {
      case 0:
        return this.record(1 + dice.below(3), depth + 1);
      case 1: {
        const items = this.#any(depth + 1);
        const make = (): unknown[] => dice.times(dice.below(4), items.make);
        return { type: { type: 'array', items: items.type }, branch: 'array', make };
      }
      default: {
        const values = this.#any(depth + 1);
        const make = (): object =>
          Object.fromEntries(dice.times(dice.below(3), (index) => [`k${index}`, values.make()]));
        return { type: { type: 'map', values: values.type }, branch: 'map', make };
      }
    }
  }

  #leaf(): AvroType {
    const dice = this.#dice;
    this.#names += 1;
    const name = `F${this.#names}`;
    const plain = (type: string, make: () => unknown): AvroType => ({ type, branch: type, make });
    const logical = (type: string, logicalType: string, make: () => unknown): AvroType => ({
      type: { type, logicalType },
      branch: type,
      make,
    });
    const decimal = { logicalType: 'decimal', precision: 18, scale: 4 };
    return dice.pick([
      plain('boolean', () => dice.oneIn(2)),
      plain('int', () => dice.pick([0, -1, 2 ** 31 - 1, dice.below(100)])),
      plain('long', () => dice.pick([0, -1, Number.MAX_SAFE_INTEGER, dice.below(100)])),
      plain('float', () => dice.below(100) / 4),
      plain('double', () => dice.pick([-0.5, 1e300, dice.below(1_000) / 7])),
      plain('string', () => dice.pick(['', 'a', 'ü 日本', `${dice.below(2 ** 30)}`])),
      plain('bytes', () => latin1(dice.bytes(dice.below(5)))),
      logical('int', 'date', () => 18_000 + dice.below(9)),
      logical('int', 'time-millis', () => dice.below(86_400_000)),
      logical('long', 'timestamp-millis', () => 1_567_303_200_000 + dice.below(10_000)),
      logical('long', 'timestamp-micros', () => 1_567_303_200_000_000 + dice.below(10_000)),
      { type: { type: 'bytes', ...decimal }, branch: 'bytes', make: () => latin1(dice.bytes(1 + dice.below(7))) },
      { type: { type: 'fixed', name, size: 8, ...decimal }, branch: name, make: () => latin1(dice.bytes(8)) },
      { type: { type: 'enum', name, symbols: ['A', 'B'] }, branch: name, make: () => dice.pick(['A', 'B']) },
    ]);
  }
}

/** Up to five files with any Avro schema, as Kafka Connect has Avro write them. */
export function randomAvro(seed: number): RandomFiles {
  const dice = new Dice(seed);
  const { type, make } = new AvroSchemas(dice).record(3 + dice.below(8), 0);
  const codec = dice.pick(codecs);
  return {
    files: dice.times(2 + dice.below(4), () => ({
      rows: { avro: type as object, rows: dice.times(dice.pick([0, 1, 7, 40]), make) as object[] },
      options: { codec, pageRows: 1 + dice.below(20), v2: dice.oneIn(4), dictionaryBytes: dice.pick([64, 1 << 20]) },
    })),
  };
}
