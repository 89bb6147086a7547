import type { LoadBalancerBody } from '../../inventory/aws/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { balancerOf } from './balancers.ts';

/** Load balancers do not speak HTTP in the clear, except to send callers on to HTTPS. */
export const listenersEncrypted = defineRule<LoadBalancerBody>({
  id: 'aws-listeners-encrypted',
  version: 1,
  title: 'Listeners of load balancers speak HTTPS',
  why: 'Passwords, cookies and rows of queries cross the network in the clear. Of TCP listeners it cannot be told what they carry; they are left out.',
  area: 'encryption',
  severity: 'high',
  kinds: ['aws.LoadBalancer'],
  remedy: 'Add an HTTPS listener with a certificate, and make the HTTP one redirect to it.',
  judge({ name, body: { listeners, isPublic } }) {
    const plain = listeners.filter(({ protocol, redirects }) => protocol === 'HTTP' && !redirects);
    if (plain.length === 0) return pass(`no listener of ${name} speaks HTTP in the clear`);
    const ports = plain.map(({ port }) => port);
    const reason = `${name} speaks HTTP in the clear on port ${ports.join(', ')}`;
    return fail(reason, { ports, public: isPublic }, isPublic ? {} : { severity: 'medium' });
  },
  examples: [
    { shows: 'HTTPS', given: balancerOf([{}]), status: 'pass' },
    {
      shows: 'HTTP that only redirects',
      given: balancerOf([{}, { port: 80, protocol: 'HTTP', redirects: true }]),
      status: 'pass',
    },
    { shows: 'HTTP', given: balancerOf([{ port: 80, protocol: 'HTTP' }]), status: 'fail' },
  ],
});
