import { z } from 'zod';
import { deploymentOf } from './pod-examples.ts';
import { definePodRule, podParameters, type Flaw } from './pod-rule.ts';
import type { PodContainer } from './pod.ts';

/** What runs is what was tested: images are named by a version, or better by a digest. */
export const imagesPinned = definePodRule({
  id: 'kubernetes-images-pinned',
  title: 'Images are named by a version or a digest',
  why: 'latest is another program tomorrow: a restarted pod then runs what nobody tested, and nobody can say what ran yesterday.',
  severity: 'medium',
  remedy: 'Write the digest of the image (name@sha256:…), or at least its version.',
  parameters: podParameters.extend({
    digest: z.boolean().default(false).describe('ask for a digest, not just a version'),
  }),
  fine: 'every image is pinned',
  container: (container, _pod, parameters) =>
    judgeImage(container, (parameters as { digest?: boolean }).digest === true),
  examples: [
    { shows: 'a version', given: deploymentOf({ image: 'trinodb/trino:476' }), status: 'pass' },
    { shows: 'latest', given: deploymentOf({ image: 'registry:5000/trino:latest' }), status: 'fail' },
    { shows: 'no version behind a port', given: deploymentOf({ image: 'registry:5000/trino' }), status: 'fail' },
    {
      shows: 'a version where a digest is asked for',
      given: deploymentOf({ image: 'trinodb/trino:476' }),
      parameters: { digest: true },
      status: 'fail',
    },
  ],
});

function judgeImage({ name, role, image = '' }: PodContainer, digest: boolean): Flaw | undefined {
  // Without an image nothing runs; Knative's own placeholder is an empty one too.
  if (image === '' || /@sha256:[0-9a-f]{64}$/.test(image)) return undefined;
  const last = image.slice(image.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  const tag = colon < 0 ? undefined : last.slice(colon + 1);
  if (tag === undefined) return { says: `${role} ${name} runs whatever ${image} is today` };
  if (/^(?:latest|main|master|edge|nightly|dev)$/i.test(tag))
    return { says: `${role} ${name} runs ${image}, which is another tomorrow` };
  return digest ? { says: `${role} ${name} names ${image} by no digest`, severity: 'low' } : undefined;
}
