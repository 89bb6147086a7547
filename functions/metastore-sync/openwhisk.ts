import { openwhiskMain } from '#shared/host/openwhisk.ts';
import { metastoreSync } from './function.ts';

/** What OpenWhisk's Node action proxy calls. */
export const main = openwhiskMain(metastoreSync, { messages: 'events' });
