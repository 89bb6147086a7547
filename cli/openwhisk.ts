import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { LakewardenError } from '#shared/errors/error.ts';
import { parseCount } from './effects.ts';
import { exitCode } from './exit-code.ts';
import { type AccessOptions, readAccess } from './openwhisk/access.ts';
import { openApi } from './openwhisk/api.ts';
import { applyPlan } from './openwhisk/apply.ts';
import { readFound } from './openwhisk/found.ts';
import { makePlan, type Plan } from './openwhisk/plan.ts';
import { renderChange, renderPlan } from './openwhisk/render.ts';
import { readState } from './openwhisk/wanted.ts';

interface Options extends AccessOptions {
  readonly folder: string;
  readonly prune?: true;
  readonly json?: true;
}

interface PlanOptions extends Options {
  readonly exitCode?: true;
}

interface ApplyOptions extends Options {
  readonly plan?: string;
  readonly mostDeletes: number;
}

/** `lakewarden openwhisk plan` and `lakewarden openwhisk apply`. */
export function openwhiskCommand(): Command {
  const openwhisk = new Command('openwhisk').description('deploy the functions as actions of OpenWhisk');
  const plan = withOptions(
    new Command('plan').description('show what would be made, changed and removed, field by field; changes nothing'),
  )
    .option('--exit-code', `end with ${exitCode.changes} when there is something to change`)
    .action(showPlan);
  const apply = withOptions(new Command('apply').description('make the changes'))
    .option('--plan <file>', 'make the changes of this plan (from plan --json), if it is still exactly true')
    .addOption(
      new Option('--most-deletes <count>', 'with --prune: refuse to remove more').argParser(parseCount).default(5),
    )
    .action(applyNow);
  return openwhisk.addCommand(plan).addCommand(apply);
}

function withOptions(command: Command): Command {
  return command
    .addOption(new Option('--host <address>', 'address of OpenWhisk; https unless it says http').env('APIHOST'))
    .addOption(new Option('--auth-file <file>', 'file with the key, or .wskprops').env('WSK_CONFIG_FILE'))
    .option('--namespace <name>', "namespace; the key's own by default")
    .option('--ca-file <file>', 'certificates of authorities that may vouch for the host (PEM)')
    .option('--folder <folder>', 'declaration: YAML files', 'manifests/overlays/openwhisk')
    .option('--prune', 'remove what is ours and not declared any more')
    .option('--json', 'print data instead of text');
}

/** A plan, what it was made of, and a seal of what nobody may see. */
async function prepare(options: Options) {
  const access = readAccess(options);
  const state = readState(options.folder, access.key);
  const api = await openApi(access);
  const found = await readFound(api, state);
  const plan = makePlan(state, found, options.prune === true);
  const { host, namespace } = access;
  const bodies = state.things.map(({ kind, name, body }) => [kind, name, body]);
  const seal = createHmac('sha256', access.key).update(JSON.stringify(bodies)).digest('hex').slice(0, 32);
  return {
    api,
    namespace,
    state,
    found,
    plan,
    printed: JSON.stringify({ host, namespace, ...plan, seal }, undefined, 2),
  };
}

async function showPlan(options: PlanOptions): Promise<void> {
  const { plan, printed } = await prepare(options);
  console.log(options.json === true ? printed : renderPlan(plan));
  if (plan.refused.length > 0) process.exitCode = exitCode.partial;
  else if (options.exitCode === true && plan.changes.length > 0) process.exitCode = exitCode.changes;
}

async function applyNow(options: ApplyOptions): Promise<void> {
  const { plan, printed, ...tools } = await prepare(options);
  if (options.plan !== undefined) requireApproved(options.plan, printed);
  requireFewDeletes(plan, options.mostDeletes);
  await applyPlan(plan, {
    ...tools,
    onDone: (change) => {
      if (options.json !== true) console.log(renderChange(change));
    },
  });
  console.log(
    options.json === true ? printed : renderPlan({ ...plan, changes: [] }).replace('nothing to do', summary(plan)),
  );
  if (plan.refused.length > 0) process.exitCode = exitCode.partial;
}

function summary({ changes }: Plan): string {
  return changes.length === 0 ? 'nothing to do' : `${changes.length} done`;
}

/** @throws config.invalid for a file that cannot be read, plan.stale for a plan that is not what would be done now */
function requireApproved(file: string, now: string): void {
  let approved: unknown;
  try {
    approved = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LakewardenError('config.invalid', `${file} is no plan from plan --json: ${(error as Error).message}`);
  }
  if (JSON.stringify(approved) !== JSON.stringify(JSON.parse(now)))
    throw new LakewardenError('plan.stale', 'the plan is not what would be done now; plan again');
}

/** @throws limit.exceeded */
function requireFewDeletes({ changes }: Plan, most: number): void {
  const deletes = changes.filter(({ change, kind }) => change === 'delete' && kind !== 'feed').length;
  if (deletes > most)
    throw new LakewardenError('limit.exceeded', `${deletes} things would be removed, --most-deletes allows ${most}`);
}
