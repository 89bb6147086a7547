/** How to reach the NameNode, and as whom. */
export interface WebHdfsOptions {
  /** Base addresses such as `http://namenode:9870`; with several, the next one is tried when one is down or in standby. */
  readonly addresses: readonly string[];
  /** User name of simple authentication; not sent when there is a delegation token. */
  readonly user?: string | undefined;
  /** Gives the delegation token; asked before each request, since a mounted token file is renewed. */
  readonly delegationToken?: (() => string | undefined) | undefined;
  /** PEM text of the authorities that are trusted for https. */
  readonly ca?: string | undefined;
  /** Milliseconds that a call may take with its repetitions, except the time in which a streamed body flows. Default 30,000. */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds for which a server may let a streamed body stand still. Default 30,000. */
  readonly idleMs?: number | undefined;
  /** Milliseconds within which a call is begun again after passing trouble. Default 10,000. */
  readonly patienceMs?: number | undefined;
  /** Most connections to one server at a time. Default 16. */
  readonly connections?: number | undefined;
  /** Stops every call of this client. */
  readonly signal?: AbortSignal | undefined;
}
