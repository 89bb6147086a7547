import { deploymentOf } from './pod-examples.ts';
import { definePodRule } from './pod-rule.ts';
import type { PodContainer } from './pod.ts';

const secretName = /(?:passw(?:or)?d|passwd|secret|token|api_?key|access_?key|private_?key|credential)/i;
/** Names of files and settings about secrets, which are none. */
const innocent =
  /(?:_FILE|_PATH|_DIR|_URL|_URI|_NAME|_TYPE|_ENABLED?|_TTL|_LENGTH|_ISSUER|_EXPIRY|_EXPIRATION|_SECONDS|_ALGORITHM|_BACKEND|_PROVIDER|_ENDPOINT|_ID)$/i;
/** What credentials look like whatever their name is: AWS's ids of keys, private keys, passwords in addresses. */
const secretValue = /(?:\bAKIA[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|^\w[\w+.-]*:\/\/[^\s:@/]+:[^\s:@/$]+@)/;

/** No password stands in the specification of a pod. */
export const noSecretsInEnv = definePodRule({
  id: 'kubernetes-no-secrets-in-env',
  title: 'No password stands in the variables of a container',
  why: 'Everybody who may look at the pod reads it, and it is in Git, in etcd and in backups.',
  severity: 'high',
  area: 'identity',
  controls: { 'cis-kubernetes-1.11': ['5.4.1'] },
  remedy: 'Keep the value in a Secret, mount it as a file, and change it, since it has been seen.',
  fine: 'no variable holds a secret in the clear',
  container: (container) => findSecret(container),
  examples: [
    { shows: 'a reference to a Secret', given: deploymentOf({ env: [{ name: 'DB_PASSWORD' }] }), status: 'pass' },
    {
      shows: 'the name of a file',
      given: deploymentOf({ env: [{ name: 'PASSWORD_FILE', value: '/etc/secret/password' }] }),
      status: 'pass',
    },
    { shows: 'a password', given: deploymentOf({ env: [{ name: 'DB_PASSWORD', value: 'example' }] }), status: 'fail' },
    {
      shows: 'a password in an address',
      given: deploymentOf({ env: [{ name: 'DB', value: 'postgresql://hive:example@db/hive' }] }),
      status: 'fail',
    },
  ],
});

function findSecret({ name, role, env }: PodContainer): string | undefined {
  const found = (env ?? []).filter(
    ({ name: variable, value }) => value !== undefined && value !== '' && isSecret(variable, value),
  );
  // The names alone: the values are what nobody must see.
  return found.length === 0
    ? undefined
    : `${role} ${name} holds a secret in ${found.map((variable) => variable.name).join(', ')}`;
}

function isSecret(variable: string, value: string): boolean {
  if (secretValue.test(value)) return true;
  // $(NAME) stands for another variable, a path for a file, true and numbers for settings.
  const harmless = /^(?:\$\([\w.-]+\)|\$\{.*\}|\/.*|true|false|yes|no|none|\d+)$/i.test(value);
  return secretName.test(variable) && !innocent.test(variable) && !harmless;
}
