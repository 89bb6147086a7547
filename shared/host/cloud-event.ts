/** A CloudEvent as it came in, checked against CloudEvents 1.0. */
export interface CloudEventIn {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly specversion: '1.0';
  readonly subject?: string;
  /** RFC 3339, as it was sent. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  /** Extension attributes; booleans and integers of JSON as their canonical text. */
  readonly extensions: Readonly<Record<string, string>>;
  /**
   * Parsed JSON, text, bytes, or `undefined` when the event has no data. Bytes always when a dead letter sink of Knative
   * delivers the event in binary mode.
   */
  readonly data: unknown;
}

/** A request as the socket delivered it, before anybody interpreted it. */
export interface RawRequest {
  readonly method: string;
  /** Path with its query string. */
  readonly url: string;
  /** Names and values in turn, as in `IncomingMessage.rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  /** Why it is turned away unread, to come again later. */
  readonly refused?: string;
}
