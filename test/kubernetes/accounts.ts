import { ask } from './admin.ts';

/** What somebody may want to do. An empty group is that of the core; without a namespace, in all of them. */
export interface Wish {
  readonly verb: string;
  readonly group?: string;
  /** Plural, as paths have it. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** A token of a service account, as a pod gets one; with `spec`, as Knative's sources ask for one. */
export async function tokenOf(
  namespace: string,
  account: string,
  spec: { readonly audiences?: readonly string[]; readonly expirationSeconds?: number } = {},
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const answer = await ask<{ status: { token: string } }>('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec,
  });
  return answer.status.token;
}

/** Whether the API server would let the owner of a token do something. */
export async function canI(token: string, wish: Wish): Promise<boolean> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: wish },
  };
  const answer = await ask<{ status: { allowed: boolean } }>('POST', path, review, { token });
  return answer.status.allowed;
}
