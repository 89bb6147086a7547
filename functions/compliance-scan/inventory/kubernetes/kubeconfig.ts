import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';
import { bearer, readText, type Access, type Identity, type Tls } from './access.ts';
import { ExecCredential, execSettings } from './exec-credential.ts';

// The form is client-go's: tools/clientcmd/api/v1, types.go. Files hold much more than is of use here, so objects are loose.
const text = z.string().optional().catch(undefined);
const named = <Inner extends z.ZodType>(key: string, inner: Inner) =>
  z
    .array(z.looseObject({ name: z.string(), [key]: inner }))
    .nullish()
    .transform((list) => new Map((list ?? []).map((entry) => [entry.name, entry[key] as z.output<Inner>])));

const clusterForm = z.looseObject({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text,
});

const userForm = z.looseObject({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  username: text,
  password: text,
  exec: execSettings.optional(),
});

const fileForm = z.looseObject({
  'current-context': text,
  clusters: named('cluster', clusterForm),
  users: named('user', userForm),
  contexts: named('context', z.looseObject({ cluster: z.string(), user: text })),
});

/**
 * The access that a context of a kubeconfig file gives: certificates, tokens, passwords and programs that tell tokens. The file
 * is read once. @throws `config.invalid` that names the file and never what stands in it
 */
export function readKubeconfig(file: string, context: string | undefined): Access {
  const fail = (reason: string, cause?: unknown): LakewardenError =>
    new LakewardenError('config.invalid', `kubeconfig ${file}: ${reason}`, { cause });
  const parsed = fileForm.safeParse(parseFile(file, fail));
  if (!parsed.success) throw fail(`wrong at ${parsed.error.issues[0]?.path.join('.') ?? 'its top'}`);
  const contextName = context ?? parsed.data['current-context'] ?? '';
  const chosen = parsed.data.contexts.get(contextName);
  if (chosen === undefined) throw fail(`there is no context "${contextName}"`);
  const cluster = parsed.data.clusters.get(chosen.cluster);
  if (cluster === undefined) throw fail(`there is no cluster "${chosen.cluster}"`);
  const user = chosen.user === undefined ? {} : parsed.data.users.get(chosen.user);
  if (user === undefined) throw fail(`there is no user "${chosen.user}"`);
  const beside = (path: string): string => (isAbsolute(path) ? path : join(dirname(file), path));
  return {
    server: new URL(cluster.server),
    readTls: () => readTls(cluster, user, beside),
    identify: createIdentify(user, beside),
  };
}

type Cluster = z.output<typeof clusterForm>;
type User = z.output<typeof userForm>;

function parseFile(file: string, fail: (reason: string, cause?: unknown) => LakewardenError): unknown {
  let content;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw fail('it cannot be read', cause);
  }
  try {
    return parse(content);
  } catch {
    // The parser's own words show the line, which may hold a secret.
    throw fail('it is no YAML');
  }
}

function readTls(cluster: Cluster, user: User, beside: (path: string) => string): Tls {
  const pick = (data: string | undefined, path: string | undefined): string | undefined => {
    if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
    return path === undefined || path === '' ? undefined : readText(beside(path));
  };
  const ca = pick(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const cert = pick(user['client-certificate-data'], user['client-certificate']);
  const key = pick(user['client-key-data'], user['client-key']);
  const servername = cluster['tls-server-name'];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(servername === undefined ? {} : { servername }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
  };
}

function createIdentify(user: User, beside: (path: string) => string): Access['identify'] {
  const { token, tokenFile, username, password = '', exec } = user;
  if (exec !== undefined) {
    const credential = new ExecCredential({
      ...exec,
      command: exec.command.includes('/') ? beside(exec.command) : exec.command,
    });
    return async (anew, signal) => credential.identify(anew, signal);
  }
  const said = (): Identity => {
    if (tokenFile !== undefined && tokenFile !== '') return { authorization: bearer(readText(beside(tokenFile))) };
    if (token !== undefined && token !== '') return { authorization: bearer(token) };
    if (username === undefined || username === '') return {};
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  };
  return async () => said();
}
