import { LakewardenError } from '#shared/errors/error.ts';
import type { Api } from './api.ts';
import { feedKey, type Found, idOf, type Pair, takenBack, type Wanted } from './entity.ts';
import { collections, readThing } from './found.ts';
import type { Change, Plan } from './plan.ts';
import type { State } from './wanted.ts';

/** What a plan is carried out with. */
export interface ApplyTools {
  readonly api: Api;
  readonly namespace: string;
  readonly state: State;
  readonly found: readonly Found[];
  readonly onDone: (change: Change) => void;
}

/**
 * Makes the changes of a plan one by one; each only when the thing is still as it was planned.
 * @throws LakewardenError `plan.stale`, `openwhisk.*`; what was done by then stays, and the next plan has the rest
 */
export async function applyPlan({ changes }: Plan, tools: ApplyTools): Promise<void> {
  const wanted = new Map(tools.state.things.map((thing) => [idOf(thing), thing]));
  const found = new Map(tools.found.map((thing) => [idOf(thing), thing]));
  for (const change of changes) {
    if (change.kind === 'feed') await changeFeed(change, wanted.get(idOf(change)), found.get(idOf(change)), tools);
    else await changeThing(change, change.kind, wanted.get(idOf(change)), tools);
    tools.onDone(change);
  }
}

async function changeThing(
  change: Change,
  kind: Exclude<Change['kind'], 'feed'>,
  wanted: Wanted | undefined,
  { api, namespace }: ApplyTools,
): Promise<void> {
  const { name } = change;
  const now = await readThing(api, kind, name);
  if (now?.version !== change.version) throw stale(change);
  if (change.change === 'delete') return api.delete(collections[kind], name);
  if (wanted === undefined) throw stale(change);
  const feed = wanted.fields.get('annotations.feed')?.value;
  // Only the trigger knows who feeds it, so that one is told before it is forgotten.
  if (now?.feed !== undefined && feed !== undefined && now.feed !== feed) await api.askFeed(now.feed, 'DELETE', name);
  const annotations = mergeAnnotations(wanted.body['annotations'] as readonly Pair[], now?.annotations ?? []);
  const made = await api.put(
    collections[kind],
    name,
    { ...withNamespace(wanted, namespace), annotations },
    change.change === 'update',
  );
  const status = wanted.fields.get('status')?.value;
  if (kind === 'rule' && typeof status === 'string' && made['status'] !== status) await api.setRule(name, status);
}

/** Rules name trigger and action in full. */
function withNamespace({ kind, body }: Wanted, namespace: string): object {
  if (kind !== 'rule') return body;
  return {
    ...body,
    trigger: `/${namespace}/${String(body['trigger'])}`,
    action: `/${namespace}/${String(body['action'])}`,
  };
}

/** Annotations of others stay; `final` and the token of a web action that is one no longer go. */
function mergeAnnotations(ours: readonly Pair[], there: readonly Pair[]): Pair[] {
  const others = there.filter(({ key }) => !takenBack.includes(key) && !ours.some((own) => own.key === key));
  return [...others, ...ours];
}

async function changeFeed(
  change: Change,
  wanted: Wanted | undefined,
  actual: Found | undefined,
  { api }: ApplyTools,
): Promise<void> {
  const { name } = change;
  if (actual?.feed !== undefined && (change.change === 'remake' || change.change === 'delete'))
    await api.askFeed(actual.feed, 'DELETE', name);
  if (change.change === 'delete') return;
  if (wanted?.feed === undefined) throw stale(change);
  await api.askFeed(wanted.feed, change.change === 'update' ? 'UPDATE' : 'CREATE', name, wanted.body);
  // Noted last: whoever dies before finds the feed to be made anew.
  const trigger = await readThing(api, 'trigger', name);
  const seal = { key: feedKey, value: wanted.fields.get(feedKey)?.value };
  const annotations = [...(trigger?.annotations ?? []).filter(({ key }) => key !== feedKey), seal];
  await api.put('triggers', name, { annotations }, true);
}

function stale(change: Change): LakewardenError {
  return new LakewardenError(
    'plan.stale',
    `${idOf(change)} changed since the plan was made; what comes before it in the plan is done; plan again`,
  );
}
