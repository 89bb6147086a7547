import { z } from 'zod';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import { isPlaceholder } from '../placeholder.ts';

/** A label that resources must have. */
export const requiredLabelSchema = z.strictObject({
  name: z.string().min(1).max(317).describe('its name, exactly as it must be written'),
  allowed: z.array(z.string()).min(1).optional().describe('values that it may have'),
  pattern: z.string().min(1).max(300).optional().describe('pattern that values must fit; * stands for any text'),
});

/** A label that resources must have. */
export type RequiredLabel = z.output<typeof requiredLabelSchema>;

/** What is wrong with a label. */
export type LabelFault = 'missing' | 'blank' | 'placeholder' | 'written-differently' | 'not-allowed';

/** What is wrong with a required label among those of a resource, and under which name something close to it stands. */
export function judgeLabel(
  { name, allowed, pattern }: RequiredLabel,
  labels: Readonly<Record<string, string>>,
): { readonly fault: LabelFault; readonly near?: string } | undefined {
  // What AWS writes by itself says nothing about what people know.
  const value = Object.hasOwn(labels, name) && !isSystem(name) ? labels[name] : undefined;
  if (value === undefined) {
    const near = Object.keys(labels)
      .toSorted()
      .find((other) => !isSystem(other) && fold(other) === fold(name));
    return near === undefined ? { fault: 'missing' } : { fault: 'written-differently', near };
  }
  if (value.trim() === '') return { fault: 'blank' };
  if (isPlaceholder(value)) return { fault: 'placeholder' };
  if (allowed !== undefined && !allowed.includes(value)) return { fault: 'not-allowed' };
  if (pattern !== undefined && !fitsPattern(value, pattern)) return { fault: 'not-allowed' };
  return undefined;
}

function isSystem(name: string): boolean {
  return /^aws:/iu.test(name);
}

/** A name as somebody means it: without case, and without what separates words. */
function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_.-]/gu, '');
}
