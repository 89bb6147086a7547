import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Resource, Scope } from '../model/resource.ts';

/** A system whose resources can be listed. It only reads. Clients are built on first use, and closed by {@link Source.close}. */
export interface Source {
  /** `aws`, `kubernetes`, `kafka`, …: the beginning of its kinds. */
  readonly name: string;
  /** Calls made so far; absent where nobody counts them, as for files. */
  readonly calls?: number;
  /**
   * The listings that show these kinds (each kind once, whatever the number of rules), as far as the settings allow. Throws
   * LakewardenError when not even that can be found out.
   */
  scopes(kinds: ReadonlySet<string>, signal: AbortSignal): AsyncIterable<Scope>;
  /**
   * All resources of a listing, a page at a time, nothing kept. A listing that does not come to its end whole throws: whoever
   * asked then knows that nothing may be concluded from what is missing.
   */
  list(scope: Scope, signal: AbortSignal): AsyncIterable<readonly Resource[]>;
  /** One resource as it is now, with at most two calls; undefined when it is gone. Exactly what `list` would give. */
  read(reference: Reference, signal: AbortSignal): Promise<Resource | undefined>;
  /**
   * What an event says has changed; undefined when the event is none of this source's, an empty list when it changes nothing
   * that rules look at (a read, a failed call, a status). Never throws for foreign or broken data of other events' types.
   */
  changes(event: CloudEventIn): readonly Change[] | undefined;
  close(): Promise<void>;
}

/** Where to find one resource again. */
export interface Reference {
  readonly kind: string;
  readonly scope: string;
  /** Its uid where known; a source finds it by the place and the name else. */
  readonly uid?: string;
  readonly name: string;
  readonly place: Readonly<Record<string, string>>;
}

/** What an event says of one resource. */
export interface Change {
  readonly reference: Reference;
  readonly deleted: boolean;
  /** The resource itself, when the event carries all of it as the system would list it. */
  readonly resource?: Resource;
  /** `source/happening` for the triggers of rules. */
  readonly happening: string;
}
