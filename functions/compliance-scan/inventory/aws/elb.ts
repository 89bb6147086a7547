import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
  type Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Resource } from '../../model/resource.ts';
import { readAll, readPages } from '../pages.ts';
import { type AwsAccess, type AwsReader, callAws, clientOptions, unlessGone } from './aws-call.ts';
import type { AwsKind } from './kinds.ts';
import { normaliseBalancer } from './normalise.ts';

/** The most load balancers whose tags one call tells. */
const pageSize = 20;

/** Load balancers of one region: one call for 20 of them, one for their tags, and one for the listeners of each. */
export class ElbReader implements AwsReader {
  readonly #access: AwsAccess;
  readonly #client: ElasticLoadBalancingV2Client;

  constructor(access: AwsAccess) {
    this.#access = access;
    this.#client = new ElasticLoadBalancingV2Client(clientOptions(access));
  }

  list(_kind: AwsKind, signal: AbortSignal): AsyncIterable<readonly Resource[]> {
    return readPages('the listing of aws.LoadBalancer', async (token) => {
      const command = new DescribeLoadBalancersCommand({
        PageSize: pageSize,
        ...(token !== undefined && { Marker: token }),
      });
      const { LoadBalancers = [], NextMarker } = await this.#call('DescribeLoadBalancers', signal, (options) =>
        this.#client.send(command, options),
      );
      return { items: await this.#complete(LoadBalancers, signal), next: NextMarker };
    });
  }

  /** Takes three calls: tags and listeners are told apart from the load balancer. */
  async read(_kind: AwsKind, id: string, signal: AbortSignal): Promise<Resource | undefined> {
    const { account, region } = this.#access.place;
    // The partition (aws, aws-cn, aws-us-gov) is not in the id, but in the names of regions.
    const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
    const arn = `arn:${partition}:elasticloadbalancing:${region}:${account}:loadbalancer/${id}`;
    const command = new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] });
    const answer = await unlessGone(
      this.#call('DescribeLoadBalancers', signal, (options) => this.#client.send(command, options)),
    );
    const [resource] = await this.#complete(answer?.LoadBalancers ?? [], signal);
    return resource;
  }

  close(): void {
    this.#client.destroy();
  }

  async #complete(balancers: readonly LoadBalancer[], signal: AbortSignal): Promise<Resource[]> {
    const tags = await this.#readTags(balancers, signal);
    const complete: Resource[] = [];
    for (const balancer of balancers) {
      const { LoadBalancerArn: arn = '' } = balancer;
      const listeners = await unlessGone(this.#readListeners(arn, signal));
      // Without listeners or tags it was deleted since it was listed.
      const own = tags.get(arn);
      if (listeners !== undefined && own !== undefined)
        complete.push(normaliseBalancer(balancer, listeners, own, this.#access.place));
    }
    return complete;
  }

  async #readListeners(arn: string, signal: AbortSignal): Promise<Listener[]> {
    return readAll(`the listeners of ${arn}`, async (token) => {
      const command = new DescribeListenersCommand({
        LoadBalancerArn: arn,
        ...(token !== undefined && { Marker: token }),
      });
      const { Listeners = [], NextMarker } = await this.#call('DescribeListeners', signal, (options) =>
        this.#client.send(command, options),
      );
      return { items: Listeners, next: NextMarker };
    });
  }

  async #readTags(balancers: readonly LoadBalancer[], signal: AbortSignal): Promise<Map<string, readonly Tag[]>> {
    const arns = balancers.map(({ LoadBalancerArn = '' }) => LoadBalancerArn);
    if (arns.length === 0) return new Map();
    const command = new DescribeTagsCommand({ ResourceArns: arns });
    const answer = await unlessGone(
      this.#call('DescribeTags', signal, (options) => this.#client.send(command, options)),
    );
    if (answer !== undefined)
      return new Map((answer.TagDescriptions ?? []).map(({ ResourceArn = '', Tags = [] }) => [ResourceArn, Tags]));
    // One of them is gone, and the call fails for all: they are asked about one by one.
    const [only] = balancers;
    if (balancers.length <= 1 || only === undefined) return new Map();
    const found = new Map<string, readonly Tag[]>();
    for (const balancer of balancers)
      for (const [arn, own] of await this.#readTags([balancer], signal)) found.set(arn, own);
    return found;
  }

  #call<Answer>(
    name: string,
    signal: AbortSignal,
    call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    return callAws(this.#access, name, signal, call);
  }
}
