import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readTokenFile } from '#shared/config/token-file.ts';
import { LakewardenError } from '../errors/error.ts';
import type { KafkaOptions, SaslOptions } from './options.ts';

/** The settings of Kafka, the same for every function. */
export const kafkaSettings = z
  .strictObject({
    brokers: z
      .array(z.string().regex(/^\S+:\d{1,5}$/, 'host:port'))
      .min(1)
      .describe('host:port of some brokers'),
    tls: z.boolean().default(false).describe('speak TLS'),
    caFile: z.string().optional().describe('file with the CA of the brokers'),
    certFile: z.string().optional().describe('file with a certificate of ours'),
    keyFile: z.string().optional().describe('file with its key'),
    mechanism: z
      .enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'])
      .optional()
      .describe('SASL mechanism; PLAIN and OAUTHBEARER show their secret on the way unless TLS is spoken'),
    username: z.string().optional().describe('SASL user, of all mechanisms but OAUTHBEARER'),
    passwordFile: z.string().optional().describe('file with the SASL password, read anew for each connection'),
    tokenFile: z.string().optional().describe('file with the token of OAUTHBEARER, read anew for each connection'),
    deadlineSeconds: z.number().positive().max(600).default(10).describe('longest time of one call'),
  })
  .refine(({ mechanism, username, passwordFile }) => {
    const wanted = mechanism !== undefined && mechanism !== 'OAUTHBEARER';
    return (username !== undefined) === wanted && (passwordFile !== undefined) === wanted;
  }, 'PLAIN and SCRAM need username and passwordFile, which belong to nothing else')
  .refine(
    ({ mechanism, tokenFile }) => (mechanism === 'OAUTHBEARER') === (tokenFile !== undefined),
    'OAUTHBEARER and tokenFile belong together',
  )
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: 'certFile and keyFile belong together',
  })
  .refine(({ tls, caFile, certFile }) => tls || (caFile === undefined && certFile === undefined), {
    error: 'caFile, certFile and keyFile are of use with tls: true only',
  });

/** What the settings say, as the clients want it; files are read when connections are made. */
export function readKafkaOptions(settings: z.output<typeof kafkaSettings>): KafkaOptions {
  const { brokers, tls, caFile, certFile, keyFile, deadlineSeconds } = settings;
  const sasl = readSasl(settings);
  const readTls = () => ({
    ...(caFile === undefined ? {} : { ca: read(caFile) }),
    ...(certFile === undefined ? {} : { cert: read(certFile) }),
    ...(keyFile === undefined ? {} : { key: read(keyFile) }),
  });
  return {
    brokers,
    deadlineMs: deadlineSeconds * 1_000,
    ...(tls ? { tls: readTls } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

function readSasl({ mechanism, username = '', passwordFile = '', tokenFile = '' }: z.output<typeof kafkaSettings>) {
  if (mechanism === undefined) return undefined;
  const secret = (file: string) => (): string => readTokenFile(file, 'kafka.unauthenticated');
  const sasl: SaslOptions =
    mechanism === 'OAUTHBEARER'
      ? { mechanism, token: secret(tokenFile) }
      : { mechanism, username, password: secret(passwordFile) };
  return sasl;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    // A retry may mend it, since certificates are renewed in their files.
    throw new LakewardenError('kafka.unauthenticated', `${file} cannot be read`, { cause });
  }
}
