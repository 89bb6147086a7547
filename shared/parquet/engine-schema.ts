import type { SchemaElement } from 'hyparquet';
import { hiveColumns } from './columns.ts';
import { joinColumns } from './lattice.ts';
import { annotationOf, describeElement } from './leaf-type.ts';
import { buildSchemaTree, type SchemaNode } from './schema-tree.ts';

/**
 * What an engine changed of a schema when it wrote the rows anew, one text for each place. None when column chunks of the new
 * file can stand under the old schema: repetition, physical type and meaning are the same everywhere. Names of the root and
 * within lists and maps, the letter case of names, and field ids say nothing about the bytes.
 */
export function findSchemaChanges(before: readonly SchemaElement[], after: readonly SchemaElement[]): string[] {
  const changes: string[] = [];
  const visit = (old: SchemaNode, found: SchemaNode, path: string, inCollection: boolean): void => {
    const place = path === '' ? 'the root' : path;
    const [was, is] = [describeNode(old.element), describeNode(found.element)];
    if (was !== is) changes.push(`${place} was ${was} and is ${is}`);
    const [name, other] = [old.element.name, found.element.name];
    if (path !== '' && !inCollection && name.toLowerCase() !== other.toLowerCase())
      changes.push(`${place} is called ${other}`);
    if (old.children.length !== found.children.length) {
      changes.push(`${place} had ${old.children.length} fields and has ${found.children.length}`);
      return;
    }
    const isCollection = /^(LIST|MAP|MAP_KEY_VALUE)$/.test(annotationOf(old.element)?.type ?? '');
    // Below a list or map come the repeated group and its fields; what is deeper has names of its own.
    const isBelow = isCollection || (inCollection && old.element.repetition_type === 'REPEATED');
    for (const [index, child] of old.children.entries()) {
      const below = path === '' ? child.element.name : `${path}.${child.element.name}`;
      visit(child, found.children[index] as SchemaNode, below, isBelow);
    }
  };
  visit(buildSchemaTree(before), buildSchemaTree(after), '', false);
  return changes;
}

/** An element by all that its bytes and their meaning hang on. */
function describeNode(element: SchemaElement): string {
  const annotation = annotationOf(element);
  // A group that is repeated within a map has an annotation in some writers' files.
  const isRepeatedGroup = element.type === undefined && element.repetition_type === 'REPEATED';
  const meaning = isRepeatedGroup ? element.type : describeElement(element);
  const zone =
    annotation !== undefined && 'isAdjustedToUTC' in annotation && !annotation.isAdjustedToUTC ? ' without zone' : '';
  return `${(element.repetition_type ?? 'REQUIRED').toLowerCase()} ${meaning ?? 'group'}${zone}`;
}

/** True when a table over the old file reads the new one without any change of its columns. */
export function isCompatible(before: readonly SchemaElement[], after: readonly SchemaElement[]): boolean {
  const [old, found] = [hiveColumns(before), hiveColumns(after)];
  const { changes, conflicts } = joinColumns(old.columns, found.columns);
  const isWhole = found.problems.length === 0 && found.columns.length === old.columns.length;
  // Not the other way round either: what is narrower now has lost something.
  const back = joinColumns(found.columns, old.columns);
  return isWhole && [...changes, ...conflicts, ...back.changes, ...back.conflicts].length === 0;
}
