import { openwhiskMain } from '#shared/host/openwhisk.ts';
import { complianceScan } from './function.ts';

/** What OpenWhisk's Node action proxy calls. */
export const main = openwhiskMain(complianceScan, { messages: 'events' });
