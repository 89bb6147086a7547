import { expect, test } from '@jest/globals';
import { oneLine, readRefusal } from '#shared/hdfs/remote-exception.ts';

const remote = (exception: string, message: string): string =>
  JSON.stringify({ RemoteException: { exception, javaClassName: `x.${exception}`, message } });

test.each([
  [403, 'AccessControlException', 'Permission denied: user=x', 'hdfs.access_denied'],
  [403, 'SafeModeException', 'Cannot create file/x. Name node is in safe mode.', 'hdfs.safe_mode'],
  [403, 'StandbyException', 'Operation category READ is not supported in state standby', 'hdfs.standby'],
  [403, 'RetriableException', 'NameNode still not started', 'hdfs.unavailable'],
  [403, 'NSQuotaExceededException', 'The NameSpace quota is exceeded', 'hdfs.quota'],
  [403, 'DSQuotaExceededException', 'The DiskSpace quota is exceeded', 'hdfs.quota'],
  [403, 'SecurityException', 'InvalidToken: token (x 12 for root) is expired', 'hdfs.unauthenticated'],
  [403, 'SecurityException', 'User x may not impersonate y', 'hdfs.access_denied'],
  [403, 'InvalidToken', "token (x) can't be found in cache", 'hdfs.unauthenticated'],
  [403, 'InvalidPathException', 'Invalid path name', 'hdfs.invalid'],
  [400, 'IllegalArgumentException', 'Invalid value for webhdfs parameter "op": No enum constant', 'hdfs.unsupported'],
  [400, 'IllegalArgumentException', 'Invalid value for webhdfs parameter "offset": x', 'hdfs.invalid'],
  [400, 'UnsupportedOperationException', 'append is off', 'hdfs.unsupported'],
  [403, 'IOException', 'File /x could only be written to 0 of the 1 minReplication nodes.', 'hdfs.unavailable'],
  [403, 'IOException', 'something else', 'hdfs.invalid'],
  [500, 'NullPointerException', '', 'hdfs.unavailable'],
  // A name that a user chose must not change the meaning.
  [404, 'FileNotFoundException', 'File /Name node is in safe mode does not exist.', 'hdfs.not_found'],
  [404, 'FileNotFoundException', 'File /token is expired not found', 'hdfs.not_found'],
])('%d %s (%s) means %s', (status, exception, message, code) => {
  expect(readRefusal(status, remote(exception, message))).toMatchObject({ code, exception });
});

test.each([
  [401, '<html><title>Error 401</title><body><h2>Authentication required</h2></body></html>', 'hdfs.unauthenticated'],
  [403, '<html>Forbidden</html>', 'hdfs.access_denied'],
  [404, '<html>Not Found</html>', 'hdfs.protocol'],
  [414, '', 'limit.exceeded'],
  [502, '<html>Bad Gateway</html>', 'hdfs.unavailable'],
  [503, '', 'hdfs.unavailable'],
  [301, '', 'hdfs.protocol'],
  [500, '{"RemoteException":', 'hdfs.unavailable'],
  [400, '{"RemoteException":null}', 'hdfs.protocol'],
  [400, '[]', 'hdfs.protocol'],
  [400, 'null', 'hdfs.protocol'],
])('%d with %j means %s', (status, body, code) => {
  expect(readRefusal(status, body)).toMatchObject({ code, exception: `HTTP ${status}` });
});

test('only a refusal makes sure that nothing was done', () => {
  expect(readRefusal(403, remote('RetriableException', '')).certain).toBe(true);
  expect(readRefusal(403, remote('SafeModeException', '')).certain).toBe(true);
  expect(readRefusal(500, remote('NullPointerException', '')).certain).toBe(false);
  expect(readRefusal(502, 'Bad Gateway').certain).toBe(false);
});

test('words of a server are one short line without markup and secrets', () => {
  const stack = 'Cannot do it\n\tat org.apache.hadoop.Foo(Foo.java:1)';
  expect(readRefusal(403, remote('IOException', stack)).reason).toBe('Cannot do it');
  expect(oneLine('<html><style>b{}</style><h1>Oops</h1>  <p>it broke</p></html>')).toBe('Oops it broke');
  expect(oneLine('x'.repeat(1_000))).toHaveLength(300);
  expect(oneLine('bad "SECRET" in ?op=X&delegation=ABC&token=DEF"', ['SECRET'])).toBe(
    'bad "***" in ?op=X&delegation=***&token=***"',
  );
});
