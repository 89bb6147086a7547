import { z } from 'zod';
import { areas } from '../model/rule.ts';
import { severities } from '../model/verdict.ts';

const expression = z.string().min(1).max(10_000);
const variableName = z.string().regex(/^[A-Za-z_]\w{0,62}$/, 'a letter, then letters, digits and underscores');
const plain = z.record(z.string(), z.unknown());

const exampleResource = z.strictObject({
  kind: z.string().optional(),
  name: z.string().optional(),
  place: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  body: plain.optional(),
});

const example = z.strictObject({
  shows: z.string().min(1).max(200).describe('what the example shows, a few words'),
  given: exampleResource.describe('a resource, or as much of one as the rule looks at'),
  beside: z.array(exampleResource).max(100).optional().describe('namespaces that the rule looks at'),
  status: z.enum(['pass', 'fail', 'error']).describe('what the rule must say of it'),
});

const validation = z.strictObject({
  expression: expression.describe('CEL that is true when all is well, as in a ValidatingAdmissionPolicy'),
  message: z.string().min(1).max(500).optional().describe('why not, when it is false'),
  messageExpression: expression.optional().describe('CEL that gives the message'),
});

/** A rule of users, as its YAML document writes it; unknown keys are refused. */
export const ruleFileSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/, 'lower case words with dashes, two at least')
    .max(100)
    .describe('its name, unlike those of all other rules'),
  version: z.int().min(1).default(1).describe('counts up when it may say something else of the same resource'),
  title: z.string().min(1).max(200).describe('what must be'),
  why: z.string().min(1).max(2_000).describe('why it matters'),
  area: z.enum(areas),
  severity: z.enum(severities),
  kinds: z
    .array(z.string().regex(/^[a-z]+\.[A-Z]\w+$/, 'such as kubernetes.Service'))
    .min(1)
    .max(100),
  controls: z.record(z.string(), z.array(z.string())).optional().describe('paragraphs of standards that ask for it'),
  remedy: z.string().min(1).max(2_000).describe('what to do'),
  params: plain.optional().describe('plain data that expressions see as params'),
  when: z
    .array(z.strictObject({ name: z.string().max(100).optional(), expression }))
    .max(20)
    .default([])
    .describe('CEL that must be true, or the rule has nothing to say of a resource (matchConditions)'),
  variables: z
    .array(z.strictObject({ name: variableName, expression }))
    .max(50)
    .default([])
    .describe('named expressions: later ones may use earlier ones, as variables.<name>'),
  validations: z.array(validation).min(1).max(50),
  evidence: z.record(variableName, expression).default({}).describe('named expressions whose values show why'),
  examples: z
    .array(example)
    .min(2)
    .max(100)
    .describe('at least one that passes and one that fails; tried at each start'),
});

/** A rule of users as read. */
export type RuleFile = z.output<typeof ruleFileSchema>;
