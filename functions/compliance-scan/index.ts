import { functionExports } from '#shared/host/function-exports.ts';
import { complianceScan } from './function.ts';

/** What Knative's Node function runtime calls. */
export const { handle, init, shutdown, liveness, readiness, cors, logLevel } = functionExports(complianceScan);
