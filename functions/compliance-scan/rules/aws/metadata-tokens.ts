import type { InstanceBody } from '../../inventory/aws/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const instance = (metadata: InstanceBody['metadata'], ...publicAddresses: readonly string[]) => ({
  name: 'kafka-1',
  body: { state: 'running', image: 'ami-1', network: 'vpc-1', groups: [], publicAddresses, metadata, hasRole: true },
});

/** An instance's credentials cannot be fetched through a proxy that somebody tricked. */
export const metadataTokens = defineRule<InstanceBody>({
  id: 'aws-metadata-tokens',
  version: 1,
  title: 'Instances ask for tokens before they give credentials (IMDSv2)',
  why: 'Version 1 of the metadata service answers any GET. A notebook, proxy or web form that fetches addresses for strangers hands them the credentials of the instance.',
  area: 'identity',
  severity: 'high',
  kinds: ['aws.Instance'],
  controls: { 'cis-aws-3.0': ['5.6'] },
  remedy: 'Set HttpTokens to required on the instance and in its launch template.',
  judge({ name, body: { metadata, publicAddresses, hasRole } }) {
    if (metadata === 'unknown') return unknown(`AWS does not say how ${name} gives out metadata`);
    if (metadata !== 'optional') return pass(`${name} gives metadata with tokens only`);
    const isPublic = publicAddresses.length > 0;
    return fail(
      `${name} gives metadata without tokens${isPublic ? ', and has a public address' : ''}`,
      { tokens: metadata, public: isPublic, role: hasRole },
      { severity: isPublic && hasRole ? 'critical' : isPublic || hasRole ? 'high' : 'medium' },
    );
  },
  examples: [
    { shows: 'tokens required', given: instance('required', '3.3.3.3'), status: 'pass' },
    { shows: 'no metadata service', given: instance('off'), status: 'pass' },
    { shows: 'version 1 on a public instance', given: instance('optional', '3.3.3.3'), status: 'fail' },
    { shows: 'nothing said', given: instance('unknown'), status: 'unknown' },
  ],
});
