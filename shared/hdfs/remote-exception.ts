import type { ErrorCode } from '#shared/errors/codes.ts';

/** What a server said instead of doing the work. */
export interface Refusal {
  readonly code: ErrorCode;
  /** Simple name of the Java exception, or `HTTP <status>` when the answer was none. */
  readonly exception: string;
  /** The server's own words: one line, shortened. */
  readonly reason: string;
  /** True when it is sure that nothing was done. */
  readonly certain: boolean;
}

/** Java's exceptions by simple name. */
const codeOfException: Readonly<Record<string, ErrorCode>> = {
  FileNotFoundException: 'hdfs.not_found',
  FileAlreadyExistsException: 'hdfs.exists',
  AlreadyBeingCreatedException: 'hdfs.busy',
  RecoveryInProgressException: 'hdfs.busy',
  LeaseExpiredException: 'hdfs.busy',
  SecurityException: 'hdfs.access_denied',
  AccessControlException: 'hdfs.access_denied',
  AuthorizationException: 'hdfs.access_denied',
  AuthenticationException: 'hdfs.unauthenticated',
  InvalidToken: 'hdfs.unauthenticated',
  SafeModeException: 'hdfs.safe_mode',
  StandbyException: 'hdfs.standby',
  ObserverRetryOnActiveException: 'hdfs.standby',
  RetriableException: 'hdfs.unavailable',
  BlockMissingException: 'hdfs.unavailable',
  ConnectException: 'hdfs.unavailable',
  NoRouteToHostException: 'hdfs.unavailable',
  SocketTimeoutException: 'hdfs.unavailable',
  UnknownHostException: 'hdfs.unavailable',
  QuotaExceededException: 'hdfs.quota',
  NSQuotaExceededException: 'hdfs.quota',
  DSQuotaExceededException: 'hdfs.quota',
  QuotaByStorageTypeExceededException: 'hdfs.quota',
  MaxDirectoryItemsExceededException: 'hdfs.quota',
  UnsupportedOperationException: 'hdfs.unsupported',
};

/** Where one exception has several meanings, the text tells. Bound to the exception, since a path in a text may say anything. */
const codeOfText: readonly { readonly exception: RegExp; readonly text: RegExp; readonly code: ErrorCode }[] = [
  {
    exception: /^(Security|AccessControl)Exception$/,
    text: /token .*(expired|can't be found|cannot be found|doesn't exist)/i,
    code: 'hdfs.unauthenticated',
  },
  {
    exception: /^IllegalArgumentException$/,
    text: /^Invalid value for webhdfs parameter "op"/,
    code: 'hdfs.unsupported',
  },
  {
    exception: /^FileNotFoundException$/,
    text: /^File does not exist.* Holder .* does not have any open files/,
    code: 'hdfs.busy',
  },
  {
    exception: /^SnapshotException$/,
    text: /is not a snapshottable directory|neither snapshottable nor under a snapshot root/,
    code: 'hdfs.unsupported',
  },
  { exception: /^SnapshotException$/, text: /already a snapshot with the same name/, code: 'hdfs.exists' },
  {
    exception: /^SnapshotException$/,
    text: /Cannot find the snapshot|the snapshot does not exist/,
    code: 'hdfs.not_found',
  },
  { exception: /^IOException$/, text: /^XAttr: .* already exists\./, code: 'hdfs.exists' },
  {
    exception: /^IOException$/,
    text: /^XAttr: .* does not exist\.|^No matching attributes found/,
    code: 'hdfs.not_found',
  },
  {
    exception: /^(IO|EOF)Exception$/,
    text: /could only be (replicated|written) to|^Failed to find datanode|^No active nodes contain|local host is: .* destination host is:/,
    code: 'hdfs.unavailable',
  },
];

function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 407) return 'hdfs.unauthenticated';
  if (status === 403) return 'hdfs.access_denied';
  if (status === 408 || status === 429 || status >= 500) return 'hdfs.unavailable';
  if (status === 413 || status === 414 || status === 431) return 'limit.exceeded';
  return 'hdfs.protocol';
}

/** First line of a text, without markup, at most 300 characters; secrets that a server echoes are blacked out. */
export function oneLine(text: string, secrets: readonly string[] = []): string {
  const plain = text.replace(/<(style|script)[^]*?<\/\1>|<[^>]*>/gi, ' ').trim();
  const line = (plain.split(/[\r\n]/, 1)[0] ?? '').replace(/\s+/g, ' ');
  const masked = line.replace(/\b((?:delegation|token)=)[^&\s"]+/gi, '$1***');
  return secrets
    .reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '***')), masked)
    .slice(0, 300);
}

/** Judges an answer that is no success, from its status and body (RemoteException of the WebHDFS specification). */
export function readRefusal(status: number, body: string, secrets: readonly string[] = []): Refusal {
  const remote = readRemoteException(body);
  if (remote === undefined) {
    const code = codeOfStatus(status);
    return { code, exception: `HTTP ${status}`, reason: oneLine(body, secrets), certain: status < 500 };
  }
  const { exception, message } = remote;
  const code =
    codeOfText.find((rule) => rule.exception.test(exception) && rule.text.test(message))?.code ??
    codeOfException[exception] ??
    (status >= 500 ? 'hdfs.unavailable' : 'hdfs.invalid');
  // Whoever is told to come back later, or is refused for a reason, may be sure that nothing was done.
  const certain = code !== 'hdfs.unavailable' || exception === 'RetriableException';
  return { code, exception, reason: oneLine(message, secrets), certain };
}

function readRemoteException(body: string): { exception: string; message: string } | undefined {
  try {
    const { RemoteException: remote } = JSON.parse(body) as { RemoteException?: Record<string, unknown> };
    const { exception, message } = remote ?? {};
    if (typeof exception !== 'string') return undefined;
    return { exception, message: typeof message === 'string' ? message : '' };
  } catch {
    return undefined;
  }
}
