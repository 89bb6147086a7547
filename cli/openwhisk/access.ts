import { existsSync, readFileSync } from 'node:fs';
import { LakewardenError } from '#shared/errors/error.ts';
import type { Access } from './api.ts';

/** What the command line says about OpenWhisk. */
export interface AccessOptions {
  readonly host?: string;
  readonly authFile?: string;
  readonly namespace?: string;
  readonly caFile?: string;
}

/**
 * Where OpenWhisk is and with which key it is asked. The file holds the key alone, or lines as `wsk` keeps them (`.wskprops`:
 * `AUTH=`, `APIHOST=`, `NAMESPACE=`). @throws LakewardenError `config.invalid`
 */
export function readAccess({ host, authFile, namespace, caFile }: AccessOptions): Access {
  if (authFile === undefined) throw invalid('--auth-file names no file with the key');
  for (const file of [authFile, ...(caFile === undefined ? [] : [caFile])])
    if (!existsSync(file)) throw invalid(`the file ${file} is not there`);
  const text = readFileSync(authFile, 'utf8').trim();
  const lines = new Map(
    [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value.trim()]),
  );
  const key = lines.get('AUTH') ?? text;
  if (!/^[^\s:]+:[^\s:]+$/.test(key)) throw invalid(`the file ${authFile} holds no key of the form user:password`);
  const address = host ?? lines.get('APIHOST');
  if (!address) throw invalid('--host names no OpenWhisk');
  if (!URL.canParse(/^https?:\/\//.test(address) ? address : `https://${address}`))
    throw invalid(`--host ${address} is no address`);
  return { host: address.replace(/\/+$/, ''), key, namespace: namespace ?? (lines.get('NAMESPACE') || '_'), caFile };
}

function invalid(reason: string): LakewardenError {
  return new LakewardenError('config.invalid', reason);
}
