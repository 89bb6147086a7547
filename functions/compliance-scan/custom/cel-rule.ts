import type { CelInput } from '@bufbuild/cel';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Resource } from '../model/resource.ts';
import { defineRule, type Look, type Need, type Rule } from '../model/rule.ts';
import type { Evidence, Judgement } from '../model/verdict.ts';
import { compileExpression, ExpressionFault, type Program } from './cel.ts';
import { fromCelValue, toCelInput } from './cel-value.ts';
import type { RuleFile } from './rule-file.ts';

/** Longest message and longest evidence of an expression, in characters. */
const longestMessage = 500;
const longestEvidence = 2_000;

const namespaces: Need<CelInput> = {
  kind: 'kubernetes.Namespace',
  fact: ({ name, labels }) => toCelInput({ metadata: { name, labels: labels ?? {} } }),
  keys: ({ name }) => [name],
  within: 'namespace',
};

/**
 * Makes a rule of a user's document. Its expressions see `object` (the resource's body: for Kubernetes the object itself),
 * `resource` (uid, kind, name, place, labels), `params`, `variables`, `now`, and, for admission policies as they are,
 * `oldObject` (null), `request` (namespace, name, operation) and `namespaceObject`.
 * @throws ExpressionFault that names the expression.
 */
export function createCelRule(file: RuleFile): Rule {
  const { when, variables, validations, evidence, params, controls, ...described } = file;
  const compiled = {
    when: when.map((one, index) => compile(`when[${index}]`, one.expression)),
    variables: variables.map(({ name, expression }) => [name, compile(`variables.${name}`, expression)] as const),
    validations: validations.map((one, index) => ({
      ...one,
      isValid: compile(`validations[${index}]`, one.expression),
      tell:
        one.messageExpression === undefined
          ? undefined
          : compile(`validations[${index}].messageExpression`, one.messageExpression),
    })),
    evidence: Object.entries(evidence).map(([name, text]) => [name, compile(`evidence.${name}`, text)] as const),
  };
  const given = toCelInput(params ?? {});
  const texts = JSON.stringify([when, variables, validations, evidence]);
  return defineRule({
    ...described,
    ...(controls === undefined ? {} : { controls }),
    examples: described.examples as Rule['examples'],
    ...(texts.includes('namespaceObject') ? { needs: [namespaces] } : {}),
    judge: (resource, look) => judge(compiled, bind(resource, look, given)),
  });
}

type Compiled = {
  readonly when: readonly Program[];
  readonly variables: readonly (readonly [string, Program])[];
  readonly validations: readonly (RuleFile['validations'][number] & {
    readonly isValid: Program;
    readonly tell: Program | undefined;
  })[];
  readonly evidence: readonly (readonly [string, Program])[];
};

function compile(where: string, text: string): Program {
  try {
    return compileExpression(text);
  } catch (error) {
    if (error instanceof ExpressionFault) throw new ExpressionFault(`${where}: ${error.message}`);
    throw error;
  }
}

function bind(resource: Resource, look: Look, params: CelInput): Record<string, CelInput> {
  const { uid, kind, name, place, labels } = resource;
  const namespace = place.namespace ?? '';
  return {
    object: bodyOf(resource),
    oldObject: null,
    resource: toCelInput({ uid, kind, name, place, labels: labels ?? {} }),
    request: toCelInput({ operation: 'UPDATE', namespace, name }),
    namespaceObject: look.related(namespaces, namespace)[0] ?? null,
    params,
    now: timestampFromMs(look.now),
    variables: new Map(),
  };
}

// Several rules judge the same resource; its body is made ready once, as long as it is around.
const bodies = new WeakMap<Resource, CelInput>();

function bodyOf(resource: Resource): CelInput {
  const known = bodies.get(resource);
  if (known !== undefined) return known;
  const body = toCelInput(resource.body);
  bodies.set(resource, body);
  return body;
}

function judge(compiled: Compiled, bindings: Record<string, CelInput>): Judgement | readonly Judgement[] {
  for (const [index, condition] of compiled.when.entries()) {
    const answer = condition(bindings);
    if ('fault' in answer) return broken(`when[${index}]`, answer.fault);
    if (typeof answer.value !== 'boolean') return broken(`when[${index}]`, 'the value is neither true nor false');
    if (!answer.value) return [];
  }
  const variables = new Map<string, CelInput>();
  bindings.variables = variables;
  // A variable that fails counts only for expressions that use it, as in Kubernetes.
  for (const [name, program] of compiled.variables) {
    const answer = program(bindings);
    if ('value' in answer) variables.set(name, answer.value);
  }
  let failed: Judgement | undefined;
  for (const [index, { isValid, message, expression, tell }] of compiled.validations.entries()) {
    const answer = isValid(bindings);
    if ('fault' in answer) return broken(`validations[${index}]`, answer.fault);
    if (typeof answer.value !== 'boolean')
      return broken(`validations[${index}]`, 'the value is neither true nor false');
    if (answer.value || failed !== undefined) continue;
    const told = tell?.(bindings);
    const reason = told !== undefined && 'value' in told && typeof told.value === 'string' ? told.value : message;
    failed = { status: 'fail', reason: (reason ?? `not true: ${expression}`).trim().slice(0, longestMessage) };
  }
  const evidence = gather(compiled, bindings);
  return { ...(failed ?? { status: 'pass', reason: 'all that the rule asks for is true' }), ...evidence };
}

function gather({ evidence }: Compiled, bindings: Record<string, CelInput>): { evidence?: Evidence } {
  if (evidence.length === 0) return {};
  const shown = evidence.map(([name, program]) => {
    const answer = program(bindings);
    if ('fault' in answer) return [name, `could not be evaluated: ${answer.fault}`] as const;
    const value = fromCelValue(answer.value);
    const text = JSON.stringify(value);
    return [name, text.length > longestEvidence ? `${text.slice(0, longestEvidence)}…` : value] as const;
  });
  return { evidence: Object.fromEntries(shown) };
}

function broken(where: string, fault: string): Judgement {
  return { status: 'error', reason: `${where} could not be evaluated: ${fault}`.slice(0, longestMessage) };
}
