import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { knativeProgram } from './admin.ts';
import { readManifests, type Manifest } from '../support/manifests.ts';

/** What the webhooks of Knative, as they come, say of an object. */
export interface Verdict {
  readonly kind: string;
  readonly name: string;
  /** False for kinds that are not Knative's. */
  readonly judged: boolean;
  /** Why they would refuse it. */
  readonly errors: readonly string[];
  /** What they would warn of. */
  readonly warnings: readonly string[];
  /** The object with their defaults filled in. */
  readonly object?: Manifest;
}

/** Asks the webhooks' own code about each object of a text in YAML, in its order; no cluster is needed. */
export async function admit(yaml: string): Promise<Verdict[]> {
  const child = spawn(knativeProgram('knative'), ['admit'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(readManifests(yaml)));
  return JSON.parse(await text(child.stdout)) as Verdict[];
}
