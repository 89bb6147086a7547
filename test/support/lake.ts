import type { LakeAddresses } from '#lake-in-a-box/addresses.ts';

/** The lake that the test run started (or that LAKEWARDEN_TEST_LAKE names), with every part that the tests need. */
export function lake(): Required<Pick<LakeAddresses, 'webhdfs' | 'defaultFs' | 'metastore' | 'hiveserver'>> &
  LakeAddresses {
  const text = process.env['LAKEWARDEN_TEST_LAKE'];
  if (text === undefined) throw new Error('no lake: run this test by `make test` or `make lake-tests`');
  return JSON.parse(text) as ReturnType<typeof lake>;
}
