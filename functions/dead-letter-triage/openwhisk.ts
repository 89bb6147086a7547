import { openwhiskMain } from '#shared/host/openwhisk.ts';
import { deadLetterTriage } from './function.ts';

/** What OpenWhisk's Node action proxy calls. */
export const main = openwhiskMain(deadLetterTriage);
