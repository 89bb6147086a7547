import type { EngineAddresses } from './engines.ts';

/** The engines that the test run started, or that LAKEWARDEN_TEST_ENGINES names. */
export function engines(): EngineAddresses {
  const text = process.env['LAKEWARDEN_TEST_ENGINES'];
  if (text === undefined) throw new Error('no engines: run this test by `make test-engines`');
  return JSON.parse(text) as EngineAddresses;
}
