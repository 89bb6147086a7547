import { openwhiskMain } from '#shared/host/openwhisk.ts';
import { partitionCompaction } from './function.ts';

/** What OpenWhisk's Node action proxy calls. */
export const main = openwhiskMain(partitionCompaction, { messages: 'events' });
