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

/** Java's exceptions by simple name. What is missing here is judged by its text, then by the HTTP status. */
const codeOfException: Readonly<Record<string, ErrorCode>> = {
  FileNotFoundException: 'hdfs.not_found',
  FileAlreadyExistsException: 'hdfs.exists',
  AlreadyBeingCreatedException: 'hdfs.busy',
  RecoveryInProgressException: 'hdfs.busy',
  LeaseExpiredException: 'hdfs.busy',
  AccessControlException: 'hdfs.access_denied',
  AuthorizationException: 'hdfs.access_denied',
  AuthenticationException: 'hdfs.unauthenticated',
  InvalidToken: 'hdfs.unauthenticated',
  SafeModeException: 'hdfs.safe_mode',
  StandbyException: 'hdfs.standby',
  ObserverRetryOnActiveException: 'hdfs.standby',
  RetriableException: 'hdfs.unavailable',
  NSQuotaExceededException: 'hdfs.quota',
  DSQuotaExceededException: 'hdfs.quota',
  QuotaByStorageTypeExceededException: 'hdfs.quota',
  'FSLimitException.MaxDirectoryItemsExceededException': 'hdfs.quota',
  MaxDirectoryItemsExceededException: 'hdfs.quota',
  UnsupportedOperationException: 'hdfs.unsupported',
  BlockMissingException: 'hdfs.unavailable',
};

/** Texts that tell more than the name of the exception. The first that matches wins over the table. */
const codeOfText: readonly (readonly [RegExp, ErrorCode])[] = [
  [/token .*(expired|can't be found|cannot be found|doesn't exist)/i, 'hdfs.unauthenticated'],
  [/Invalid value for webhdfs parameter "op"/, 'hdfs.unsupported'],
  [/could only be (replicated|written) to|Failed to find datanode|No active nodes contain/, 'hdfs.unavailable'],
  [/Operation category \w+ is not supported in state standby/, 'hdfs.standby'],
  [/Name node is in safe mode/i, 'hdfs.safe_mode'],
];

/** Refused before anything was looked at, so that even a call that may not be repeated can be made again. */
const untouched = new Set<ErrorCode>(['hdfs.safe_mode', 'hdfs.standby', 'hdfs.unauthenticated']);

function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 407) return 'hdfs.unauthenticated';
  if (status === 403) return 'hdfs.access_denied';
  if (status === 408 || status === 429 || status >= 500) return 'hdfs.unavailable';
  if (status === 413 || status === 414 || status === 431) return 'limit.exceeded';
  return 'hdfs.protocol';
}

/** First line of a text, without markup, at most 300 characters; secrets that a server echoes are blacked out. */
export function oneLine(text: string, secret?: string): string {
  const plain = text.replace(/<(style|script)[^]*?<\/\1>|<[^>]*>/gi, ' ').trim();
  const line = (plain.split(/[\r\n]/, 1)[0] ?? '').replace(/\s+/g, ' ').slice(0, 300);
  const masked = line.replace(/\b((?:delegation|token)=)[^&\s"]+/gi, '$1***');
  return secret === undefined || secret === '' ? masked : masked.replaceAll(secret, '***');
}

/** Judges an answer that is no success, from its status and body (RemoteException of the WebHDFS specification). */
export function readRefusal(status: number, body: string, secret?: string): Refusal {
  const remote = readRemoteException(body);
  if (remote === undefined) {
    const code = codeOfStatus(status);
    return { code, exception: `HTTP ${status}`, reason: oneLine(body, secret), certain: status < 500 };
  }
  const { exception, message } = remote;
  const code =
    codeOfText.find(([pattern]) => pattern.test(message))?.[1] ??
    codeOfException[exception] ??
    (exception === 'SecurityException' ? 'hdfs.access_denied' : undefined) ??
    (status >= 500 || /^(Connect|SocketTimeout|NoRouteToHost|EOF|UnknownHost)Exception$/.test(exception)
      ? 'hdfs.unavailable'
      : 'hdfs.invalid');
  const certain = untouched.has(code) || exception === 'RetriableException' || code !== 'hdfs.unavailable';
  return { code, exception, reason: oneLine(message, secret), certain };
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
