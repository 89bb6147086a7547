import { describe, expect, test } from '@jest/globals';
import { readRootCause } from '#functions/dead-letter-triage/group/frames.ts';
import { causeClasses } from '#functions/dead-letter-triage/group/stack-sections.ts';

const java = `org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler
	at org.apache.kafka.connect.runtime.errors.RetryWithToleranceOperator.execute(RetryWithToleranceOperator.java:206)
	Suppressed: java.io.IOException: closed
		at a.B.close(B.java:1)
	Caused by: java.lang.Error: of the suppressed one
Caused by: com.acme.MiddleException
	at com.acme.Middle.run(Middle.java:9)
Caused by: com.acme.RootException: first line
second line
	at java.base/java.lang.Thread.run(Thread.java:829)
	at app//com.acme.Orders.lambda$store$12(Orders.java:77)
	at jdk.internal.reflect.GeneratedMethodAccessor52.invoke(Unknown Source)
	at java.base@17.0.1/java.lang.reflect.Method.invoke(Method.java:566)
	at com.acme.Orders$$Lambda$412/0x0000000800c8.apply(Unknown Source)
	at com.acme.Orders$$EnhancerBySpringCGLIB$$1a2b3c.store(<generated>)
	at jdk.proxy2/jdk.proxy2.$Proxy31.store(Unknown Source)
	at com.acme.Orders$1.<init>(Orders.java:5) ~[orders-1.2.jar:1.2]
	... 12 more
`;

const javascript = `TypeError: Cannot read properties of undefined (reading 'id')
    at async store (file:///app/dist/orders.3f2a1b9c.js:10:55)
    at Object.<anonymous> (/app/node_modules/kafkajs/src/consumer/runner.js:1:2)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
    at new Row [as make] (/app/src/row.js?v=12:1:2)
    at /app/src/main.js:3:4
`;

const python = `Traceback (most recent call last):
  File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode
    obj, end = self.scan_once(s, idx)
StopIteration: 0

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/orders/store.py", line 12, in store
    parse(x)
ValueError: outer
`;

const interrupted = `Traceback (most recent call last):
  File "/app/a.py", line 1, in first
    x()
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/orders/main.py", line 5, in <module>
    main()
  File "/app/orders/store.py", line 12, in store
    parse(x)
orders.errors.StoreError: no room
for 12 rows
`;

const go = `panic: runtime error: index out of range [5] with length 3

goroutine 17 [running]:
main.(*Store).Put(0xc000012345, 0x5)
	/app/store.go:42 +0x1d
net/http.HandlerFunc.ServeHTTP(0x1, 0x2)
	/usr/local/go/src/net/http/server.go:2136 +0x29
main.run.func1.2()
	/app/main.go:9 +0x11
created by main.run in goroutine 1
	/app/main.go:7 +0x11
`;

const dotnet = `System.AggregateException: One or more errors (outer) ---> Acme.StoreException: no room
   at Acme.Store.<PutAsync>d__12.MoveNext() in C:\\src\\Store.cs:line 42
   at System.Collections.Generic.List\`1.get_Item(Int32 index)
   --- End of inner exception stack trace ---
   at Acme.Outer.Run()
`;

describe('the root cause of a stack trace', () => {
  test('of Java: the last cause, without modules, lines, lambdas, proxies and reflection', () => {
    expect(readRootCause(java)).toEqual({
      class: 'com.acme.RootException',
      message: 'first line\nsecond line',
      frames: ['com.acme.Orders.lambda$store$', 'com.acme.Orders$.<init>'],
    });
    expect(causeClasses(java)).toEqual([
      'org.apache.kafka.connect.errors.ConnectException',
      'com.acme.MiddleException',
      'com.acme.RootException',
    ]);
  });

  test('of Java without frames of an application: those of libraries', () => {
    const stack =
      'a.B: c\n\tat java.base/java.lang.Integer.parseInt(Integer.java:652)\n\tat org.apache.kafka.X.y(X.java:1)';
    expect(readRootCause(stack)?.frames).toEqual(['java.lang.Integer.parseInt', 'org.apache.kafka.X.y']);
  });

  test('of Java where Jackson failed: where it was is no frame', () => {
    const stack =
      'a.B: bad\n at [Source: UNKNOWN; line: 1, column: 5]\n\tat com.fasterxml.jackson.X.y(X.java:1)\n\tat c.D.e(D.java:1)';
    expect(readRootCause(stack)).toEqual({ class: 'a.B', message: 'bad', frames: ['c.D.e'] });
    const library = stack.replace('c.D.e', 'org.apache.D.e');
    expect(readRootCause(library)?.frames).toEqual(['com.fasterxml.jackson.X.y', 'org.apache.D.e']);
  });

  test('of JavaScript: without lines, columns and digests of bundlers', () => {
    expect(readRootCause(javascript)).toEqual({
      class: 'TypeError',
      message: "Cannot read properties of undefined (reading 'id')",
      frames: ['store@orders.js', 'Row@row.js', '@main.js'],
    });
    const caused = `Error: outer\n    at a (/x.js:1:2) {\n  [cause]: RangeError: inner\n      at b (/y.js:3:4)\n}`;
    expect(readRootCause(caused)).toMatchObject({ class: 'RangeError', message: 'inner', frames: ['b@y.js'] });
  });

  test('of Python: the direct cause, innermost frame first; what was interrupted is none', () => {
    expect(readRootCause(python)).toEqual({
      class: 'StopIteration',
      message: '0',
      frames: ['json/decoder:raw_decode'],
    });
    expect(readRootCause(interrupted)).toEqual({
      class: 'orders.errors.StoreError',
      message: 'no room\nfor 12 rows',
      frames: ['orders/store:store', 'orders/main:<module>'],
    });
  });

  test('of Go: without arguments, addresses and numbers of functions', () => {
    expect(readRootCause(go)).toEqual({
      message: 'runtime error: index out of range [5] with length 3',
      frames: ['main.(*Store).Put', 'main.run.func', 'main.run'],
    });
    const wrapped = 'no room\nmain.put\n\t/app/store.go:42\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:250';
    expect(readRootCause(wrapped)).toEqual({ message: 'no room', frames: ['main.put'] });
  });

  test('of .NET: the inner exception and its frames', () => {
    expect(readRootCause(dotnet)).toEqual({
      class: 'Acme.StoreException',
      message: 'no room',
      frames: ['Acme.Store.<PutAsync>d__.MoveNext'],
    });
  });

  test.each(['', 'no stack at all', 'x: y', 'at', '\n\n\n', 'look at (this'])('of %j: none', (text) => {
    expect(readRootCause(text)).toBeUndefined();
  });
});

test.each([
  ['lines', '\n'.repeat(900_000)],
  ['frames', '\n\tat a.b(C.java:1)'.repeat(60_000)],
  ['heads', 'Traceback (most recent call last):'.repeat(30_000)],
  ['causes', '\nCaused by: '.repeat(80_000)],
  ['one frame', `x\n\tat ${'('.repeat(900_000)}`],
  ['one line of Python', `Traceback (most recent call last):\n  File "${'/'.repeat(900_000)}`],
  ['Go', '\n\t.go:'.repeat(150_000)],
  ['inner exceptions', `${' ---> '.repeat(150_000)}\n   at x`],
  ['places', `x\n    at f (${':1'.repeat(450_000)})`],
])('900 kB of %s are looked at in an instant', (_, stack) => {
  // Whatever takes longer than the time of a test hangs.
  for (let times = 0; times < 50; times += 1) readRootCause(stack);
  expect(causeClasses(stack).length).toBeLessThanOrEqual(32);
});
