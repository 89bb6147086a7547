import { bearer, readText, type Access } from './access.ts';
import { readKubeconfig } from './kubeconfig.ts';
import type { KubernetesSettings } from './settings.ts';

/** Where Kubernetes mounts what a pod needs to speak to its API server. */
const mounted = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The access that the settings describe; files are read when they are needed. @throws `config.invalid` for a kubeconfig that says no server */
export function createAccess(settings: KubernetesSettings): Access {
  if (settings.kubeconfig !== undefined) return readKubeconfig(settings.kubeconfig, settings.context);
  const inside = settings.server === undefined;
  const {
    server = 'https://kubernetes.default.svc',
    caFile = inside ? `${mounted}/ca.crt` : undefined,
    tokenFile = inside ? `${mounted}/token` : undefined,
    certFile,
    keyFile,
  } = settings;
  return {
    server: new URL(server),
    readTls: () => ({
      ...(caFile === undefined ? {} : { ca: readText(caFile) }),
      ...(certFile === undefined || keyFile === undefined ? {} : { cert: readText(certFile), key: readText(keyFile) }),
    }),
    // The kubelet writes a new token long before the old one ends.
    identify: async () => (tokenFile === undefined ? {} : { authorization: bearer(readText(tokenFile)) }),
  };
}
