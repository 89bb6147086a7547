import { count, paint, printable } from '../terminal.ts';
import { idOf } from './entity.ts';
import type { Change, Plan } from './plan.ts';

const signs = { create: '+', update: '~', remake: '±', delete: '-' } as const;
const colours = { create: 'green', update: 'yellow', remake: 'yellow', delete: 'red' } as const;
const widest = 120;

/** A plan as people read it. */
export function renderPlan({ changes, refused, undeclared }: Plan): string {
  const lines = [
    ...changes.flatMap((change) => [renderChange(change), ...renderFields(change)]),
    ...refused.map((one) => paint('red', printable(`! ${idOf(one)}: left, ${one.reason}`))),
    ...undeclared.map((one) => paint('yellow', printable(`? ${one}: ours, and not declared; --prune removes it`))),
  ];
  const kinds = (['create', 'update', 'remake', 'delete'] as const).flatMap((kind) => {
    const number = changes.filter(({ change }) => change === kind).length;
    return number === 0 ? [] : [`${number} to ${kind}`];
  });
  const summary = kinds.length === 0 ? 'nothing to do' : kinds.join(', ');
  const left = refused.length === 0 ? '' : `, ${count(refused.length, 'thing')} refused`;
  return [...lines, paint('bold', `${summary}${left}`)].join('\n');
}

/** One change, in one line. */
export function renderChange(one: Change): string {
  const why = one.why === undefined ? '' : ` (${one.why})`;
  return paint(colours[one.change], printable(`${signs[one.change]} ${idOf(one)}${why}`));
}

function renderFields({ change, fields }: Change): string[] {
  return fields.map(({ field, from, to }) => {
    const before = change === 'create' ? '' : `${show(from)} → `;
    return printable(`    ${field}: ${before}${show(to)}`);
  });
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > widest ? `${text.slice(0, widest)}…` : text;
}
