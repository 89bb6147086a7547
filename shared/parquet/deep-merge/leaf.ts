import type { SchemaElement } from 'hyparquet';
import { buildSchemaTree, type SchemaNode } from '../schema-tree.ts';
import { corrupt } from './fault.ts';
import { type ValueOrder, valueOrder } from './value-order.ts';

/** A column of a schema: an element that has values. */
export interface Leaf {
  readonly element: SchemaElement;
  /** The names from below the root down to it. */
  readonly path: readonly string[];
  /** Definition level of a value that is there. */
  readonly maxDefinition: number;
  /** Repeated elements on the way to it. */
  readonly maxRepetition: number;
  /** Bytes of a value; 0 when each value says its own length. Booleans, which are bits, have 0, too. */
  readonly width: number;
  /** How values compare; undefined when no order is sure. */
  readonly order: ValueOrder | undefined;
}

/** The columns of a schema, in the order of their column chunks. @throws parquet.corrupt, parquet.unsupported */
export function schemaLeaves(schema: readonly SchemaElement[]): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = ({ element, children }: SchemaNode, above: Omit<Leaf, 'element' | 'width' | 'order'>): void => {
    const repetition = element.repetition_type;
    const place = {
      path: [...above.path, element.name],
      maxDefinition: above.maxDefinition + (repetition === 'REQUIRED' ? 0 : 1),
      maxRepetition: above.maxRepetition + (repetition === 'REPEATED' ? 1 : 0),
    };
    if (element.type === undefined) for (const child of children) visit(child, place);
    else leaves.push({ element, ...place, width: widthOf(element), order: valueOrder(element) });
  };
  for (const child of buildSchemaTree(schema).children) visit(child, { path: [], maxDefinition: 0, maxRepetition: 0 });
  return leaves;
}

function widthOf({ name, type, type_length: length = 0 }: SchemaElement): number {
  if (type === 'FIXED_LEN_BYTE_ARRAY') {
    if (length <= 0) throw corrupt(`the column '${name}' has values of ${length} bytes`);
    return length;
  }
  const width = widths[type as keyof typeof widths] as number | undefined;
  if (width === undefined) throw corrupt(`the column '${name}' has the unknown type ${type}`);
  return width;
}

const widths = { BOOLEAN: 0, INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8, BYTE_ARRAY: 0 } as const;
