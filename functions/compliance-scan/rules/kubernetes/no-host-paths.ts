import { deploymentOf } from './pod-examples.ts';
import { definePodRule, type Flaw } from './pod-rule.ts';
import type { Pod } from './pod.ts';

/** Folders with which somebody becomes root on the node, and sockets by which he starts containers. */
const powerful =
  /^\/(?:$|etc|root|proc|sys|dev$|boot|bin|sbin|usr|lib|var\/lib\/(?:kubelet|docker|containerd|etcd)|var\/run\/(?:docker|containerd|crio)|run\/(?:docker|containerd|crio))/;

/** No pod sees files of its node. */
export const noHostPaths = definePodRule({
  id: 'kubernetes-no-host-paths',
  title: 'No pod mounts a folder of its node',
  why: "Files of the node outlive the pod, belong to all that run there, and give the node away where they are its system's own.",
  severity: 'high',
  controls: { 'cis-kubernetes-1.11': ['5.2.12'] },
  remedy: 'Use a PersistentVolumeClaim, an emptyDir or a projected volume in place of hostPath.',
  fine: 'it mounts no folder of its node',
  pod: (pod) =>
    (pod.spec.volumes ?? []).flatMap(({ name, hostPath }) =>
      hostPath ? [judgePath(pod, name, hostPath.path ?? '')] : [],
    ),
  examples: [
    { shows: 'no folder of the node', given: deploymentOf({}, { volumes: [{ name: 'work' }] }), status: 'pass' },
    {
      shows: 'the whole disk',
      given: deploymentOf({}, { volumes: [{ name: 'root', hostPath: { path: '/' } }] }),
      status: 'fail',
    },
  ],
});

function judgePath(pod: Pod, volume: string, path: string): Flaw {
  const plain = `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
  const mounts = pod.containers.flatMap(({ volumeMounts }) =>
    (volumeMounts ?? []).filter(({ name }) => name === volume),
  );
  const readOnly = mounts.length > 0 && mounts.every((mount) => mount.readOnly === true);
  const says = `volume ${volume} is ${plain} of its node${readOnly ? ', read only' : ''}`;
  if (plain.includes('..') || powerful.test(plain)) return { says, severity: readOnly ? 'high' : 'critical' };
  return { says, severity: readOnly ? 'medium' : 'high' };
}
