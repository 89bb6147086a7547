import type { SchemaElement } from 'hyparquet';
import { LakewardenError } from '../errors/error.ts';

/** An element of a Parquet schema with the elements below it. */
export interface SchemaNode {
  readonly element: SchemaElement;
  readonly children: readonly SchemaNode[];
}

/** Levels that a schema may be deep; each array or map takes two of them. */
export const maxSchemaDepth = 100;

/**
 * Makes a tree of the depth-first list that a footer holds (parquet.thrift, FileMetaData.schema).
 * @throws parquet.corrupt when the counts of children do not fit the list, a column has no type, or a repetition is missing
 * @throws parquet.unsupported when the schema is more than 100 levels deep or has a repetition that is not known
 */
export function buildSchemaTree(elements: readonly SchemaElement[]): SchemaNode {
  const [first, ...rest] = elements;
  if (first === undefined) throw corrupt('the schema is empty');
  const root = { element: first, children: [] as SchemaNode[] };
  const open = [{ node: root, missing: first.num_children ?? 0 }];
  for (const element of rest) {
    while (open.length > 0 && open.at(-1)?.missing === 0) open.pop();
    const parent = open.at(-1);
    if (parent === undefined) throw corrupt(`the schema element '${element.name}' belongs to no group`);
    checkElement(element);
    const node = { element, children: [] as SchemaNode[] };
    parent.node.children.push(node);
    parent.missing--;
    if (element.type !== undefined) continue;
    if (open.length > maxSchemaDepth) throw unsupported(`the schema is more than ${maxSchemaDepth} levels deep`);
    open.push({ node, missing: element.num_children ?? 0 });
  }
  const short = open.find(({ missing }) => missing !== 0);
  if (short !== undefined) throw corrupt(`children of the group '${short.node.element.name}' are missing`);
  return root;
}

function checkElement({ name, type, num_children: children, repetition_type: repetition }: SchemaElement): void {
  if (type === undefined && children === undefined)
    throw corrupt(`the schema element '${name}' has neither type nor children`);
  if (type !== undefined && (children ?? 0) !== 0) throw corrupt(`the column '${name}' has children`);
  if (children !== undefined && children < 0) throw corrupt(`the group '${name}' has ${children} children`);
  if (repetition === undefined) throw corrupt(`the schema element '${name}' has no repetition`);
  if (!/^(REQUIRED|OPTIONAL|REPEATED)$/.test(repetition)) {
    throw unsupported(`the repetition ${repetition} of '${name}' is not known`);
  }
}

function corrupt(reason: string): LakewardenError {
  return new LakewardenError('parquet.corrupt', `The Parquet schema is corrupt: ${reason}`, { details: { reason } });
}

function unsupported(reason: string): LakewardenError {
  return new LakewardenError('parquet.unsupported', `The Parquet schema is not supported: ${reason}`, {
    details: { reason },
  });
}
