import type { Resource } from '../model/resource.ts';
import type { Waiver } from './waiver.ts';

/** The kind of waivers, which rules judge like anything else. */
export const waiverKind = 'lakewarden.Waiver';

/** The listing of all waivers. */
export const waiverScope = `lakewarden/waivers/${waiverKind}`;

/** The rule that can judge only when everything was looked at. */
export const unusedRule = 'waiver-unused';

/** What rules see of a waiver. */
export interface WaiverBody {
  /** The end, in milliseconds since 1970. */
  readonly expires: number;
  /** Whether any finding needs it; undefined when not everything was looked at. */
  readonly used?: boolean;
}

/** A waiver as rules see it. */
export function toResource({ id, owner, expires }: Waiver, used: boolean | undefined): Resource<WaiverBody> {
  return {
    uid: `lakewarden/waivers/${id}`,
    kind: waiverKind,
    scope: waiverScope,
    name: id,
    place: {},
    labels: { owner },
    body: { expires, ...(used === undefined ? {} : { used }) },
  };
}
