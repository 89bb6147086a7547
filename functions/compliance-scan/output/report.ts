import type { Area } from '../model/rule.ts';
import type { Severity, Status } from '../model/verdict.ts';
import type { Finding, Transition } from '../state/finding.ts';

/** What a scan found, as plain data; every format is made of this and of nothing else. Times in milliseconds since 1970. */
export interface Report {
  readonly instance: string;
  readonly started: number;
  readonly ended: number;
  /** False when not everything could be looked at; `scopes` and `problems` say what and why. */
  readonly complete: boolean;
  /** The rules that were used, by their ids. */
  readonly rules: readonly ReportRule[];
  /** What fails now, waived or not, and what this scan saw resolved; the worst first. */
  readonly findings: readonly ReportFinding[];
  readonly scopes: readonly ReportScope[];
  readonly areas: readonly ReportArea[];
  /** 0 to 100; undefined when nothing was judged. */
  readonly score?: number;
  readonly waivers: readonly ReportWaiver[];
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

/** A rule, and how often it judged how. */
export interface ReportRule {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly why: string;
  readonly remedy: string;
  readonly area: Area;
  readonly severity: Severity;
  readonly controls: Readonly<Record<string, readonly string[]>>;
  readonly counts: Readonly<Record<Status, number>>;
}

/** A finding of the report. */
export interface ReportFinding extends Finding {
  /** When it was last seen, to within some hours for what does not change. */
  readonly lastSeen: number;
  /** What this scan saw happen to it; undefined for one that is as it was. */
  readonly transition?: Pick<Transition, 'kind' | 'because'>;
}

/** A listing that was looked at. */
export interface ReportScope {
  readonly id: string;
  readonly kind: string;
  readonly complete: boolean;
  readonly resources: number;
  /** Why it is not complete. */
  readonly problem?: { readonly code: string; readonly message: string };
}

/** How an area stands. */
export interface ReportArea {
  readonly area: Area;
  readonly counts: Readonly<Record<Status | 'waived', number>>;
  /** 0 to 100: the share of what passes, severe rules counting more; undefined when nothing was judged. */
  readonly score?: number;
}

/** A waiver and what it does. */
export interface ReportWaiver {
  readonly id: string;
  readonly owner: string;
  readonly approver: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly expires: number;
  readonly state: 'active' | 'expiring' | 'expired';
  /** How many findings it waives. */
  readonly findings: number;
}
