import {
  type CelEnv,
  celEnv,
  celFunc,
  type CelInput,
  CelScalar,
  type CelValue,
  isCelError,
  parse,
  plan,
} from '@bufbuild/cel';
import { addressFunctions } from './address-functions.ts';
import { boundedFunctions, clusterFunctions, textFunctions } from './cel-functions.ts';

/** Longest expression, in characters. */
export const longestExpression = 10_000;

/** How often the bodies of an expression's comprehensions may run, all together, before it is given up. */
export const mostSteps = 10_000;

/** What an expression came to: its value, or why it has none. */
export type Answer = { readonly value: CelValue } | { readonly fault: string };

/** An expression that can be evaluated again and again. */
export type Program = (variables: Readonly<Record<string, CelInput>>) => Answer;

/** An expression that is none. Its message says where. */
export class ExpressionFault extends Error {}

let stepsLeft = 0;

/** Counts a run of a comprehension's body. No user can stop it: an error of it is an error of the loop. */
const step = '__step';
const stepFunction = celFunc(step, [], CelScalar.BOOL, () => {
  stepsLeft -= 1;
  if (stepsLeft < 0) throw new Error(`more than ${mostSteps} steps`);
  return true;
});

const environment: CelEnv = celEnv({
  funcs: [...textFunctions, ...boundedFunctions, ...clusterFunctions, ...addressFunctions, stepFunction],
});

/**
 * Compiles an expression of the Common Expression Language (cel.dev). Evaluation ends: regular expressions are linear in time
 * (RE2), comprehensions are counted, and there are no other loops. @throws ExpressionFault when it is not CEL, or too long.
 */
export function compileExpression(text: string): Program {
  if (text.length > longestExpression)
    throw new ExpressionFault(`the expression has ${text.length} characters; ${longestExpression} are the most`);
  const evaluate = planExpression(text);
  return (variables) => {
    stepsLeft = mostSteps;
    try {
      const value = evaluate(variables);
      return isCelError(value) ? { fault: value.message } : { value };
    } catch (error) {
      // Such as a stack that is too deep: the rule fails, nothing else does.
      return { fault: error instanceof Error ? error.message : 'an error without a message' };
    }
  };
}

function planExpression(
  text: string,
): (variables: Readonly<Record<string, CelInput>>) => ReturnType<ReturnType<typeof plan>> {
  try {
    const parsed = parse(text);
    countSteps(parsed.expr);
    return plan(environment, parsed) as ReturnType<typeof planExpression>;
  } catch (error) {
    throw new ExpressionFault(error instanceof RangeError ? 'the expression is nested too deeply' : messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Node = ReturnType<typeof parse>['expr'];

/** Makes each comprehension count its steps: `cond` becomes `__step() && cond`. */
function countSteps(root: Node): void {
  const open: (Node | undefined)[] = [root];
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (node === undefined) continue;
    const { exprKind } = node;
    switch (exprKind.case) {
      case 'selectExpr':
        open.push(exprKind.value.operand);
        break;
      case 'callExpr':
        open.push(exprKind.value.target, ...exprKind.value.args);
        break;
      case 'listExpr':
        open.push(...exprKind.value.elements);
        break;
      case 'structExpr':
        for (const { keyKind, value } of exprKind.value.entries) {
          if (keyKind.case === 'mapKey') open.push(keyKind.value);
          open.push(value);
        }
        break;
      case 'comprehensionExpr': {
        const loop = exprKind.value;
        open.push(loop.iterRange, loop.accuInit, loop.loopCondition, loop.loopStep, loop.result);
        if (loop.loopCondition !== undefined) loop.loopCondition = counted(loop.loopCondition);
        break;
      }
      default:
    }
  }
}

function counted(condition: Node): Node {
  const both = parse(`${step}() && true`).expr;
  if (both.exprKind.case === 'callExpr') both.exprKind.value.args[1] = condition;
  return both;
}
