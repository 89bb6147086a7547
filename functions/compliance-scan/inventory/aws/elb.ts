import type { Resource } from '../../model/resource.ts';
import { readAll, readPages } from '../pages.ts';
import { type AwsAccess, AwsApi } from './aws-api.ts';
import { type AwsReader, hostOf, unlessGone } from './aws-reader.ts';
import type { AwsKind } from './kinds.ts';
import { normaliseBalancer } from './normalise.ts';
import type { AwsPlace } from './place.ts';
import { listAt, textAt } from '../wire.ts';
import type { Wire } from './xml.ts';

/** The most load balancers whose tags one call tells. */
const pageSize = 20;
const service = 'elasticloadbalancing';

/** Load balancers of one region: one call for 20 of them, one for their tags, and one for the listeners of each. */
export class ElbReader implements AwsReader {
  readonly #place: AwsPlace;
  readonly #api: AwsApi;

  constructor(access: AwsAccess) {
    this.#place = access.place;
    this.#api = new AwsApi(access);
  }

  list(_kind: AwsKind, signal: AbortSignal): AsyncIterable<readonly Resource[]> {
    return readPages('the listing of aws.LoadBalancer', async (token) => {
      const answer = await this.#ask(
        'DescribeLoadBalancers',
        { PageSize: String(pageSize), ...markerOf(token) },
        signal,
      );
      return {
        items: await this.#complete(listAt(answer, 'LoadBalancers'), signal),
        next: textAt(answer, 'NextMarker'),
      };
    });
  }

  /** Takes three calls: tags and listeners are told apart from the load balancer. */
  async read(_kind: AwsKind, id: string, signal: AbortSignal): Promise<Resource | undefined> {
    const { account, region } = this.#place;
    // The partition is not in the id, but in the names of regions.
    const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
    const arn = `arn:${partition}:${service}:${region}:${account}:loadbalancer/${id}`;
    const answer = await unlessGone(this.#ask('DescribeLoadBalancers', { 'LoadBalancerArns.member.1': arn }, signal));
    const [resource] = await this.#complete(listAt(answer, 'LoadBalancers'), signal);
    return resource;
  }

  close(): void {
    this.#api.close();
  }

  async #complete(balancers: readonly unknown[], signal: AbortSignal): Promise<Resource[]> {
    const arns = balancers.map((balancer) => arnOf(balancer));
    const tags = await this.#readTags(arns, signal);
    const complete: Resource[] = [];
    for (const balancer of balancers) {
      const arn = arnOf(balancer);
      const listeners = await unlessGone(this.#readListeners(arn, signal));
      // Without listeners or tags it was deleted since it was listed.
      const own = tags.get(arn);
      if (listeners !== undefined && own !== undefined)
        complete.push(normaliseBalancer(balancer, listeners, own, this.#place));
    }
    return complete;
  }

  #readListeners(arn: string, signal: AbortSignal): Promise<unknown[]> {
    return readAll(`the listeners of ${arn}`, async (token) => {
      const answer = await this.#ask('DescribeListeners', { LoadBalancerArn: arn, ...markerOf(token) }, signal);
      return { items: listAt(answer, 'Listeners'), next: textAt(answer, 'NextMarker') };
    });
  }

  /** The tags of load balancers by their ARNs; of those that are gone there are none. */
  async #readTags(arns: readonly string[], signal: AbortSignal): Promise<Map<string, readonly unknown[]>> {
    if (arns.length === 0) return new Map();
    const parameters = Object.fromEntries(arns.map((arn, index) => [`ResourceArns.member.${index + 1}`, arn]));
    const answer = await unlessGone(this.#ask('DescribeTags', parameters, signal));
    if (answer !== undefined)
      return new Map(
        listAt(answer, 'TagDescriptions').map((described) => [
          textAt(described, 'ResourceArn') ?? '',
          listAt(described, 'Tags'),
        ]),
      );
    // One of them is gone, and the call fails for all: they are asked about one by one.
    const found = new Map<string, readonly unknown[]>();
    if (arns.length > 1)
      for (const arn of arns) for (const [own, tags] of await this.#readTags([arn], signal)) found.set(own, tags);
    return found;
  }

  async #ask(action: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Wire> {
    const { region } = this.#place;
    const form = { Action: action, Version: '2015-12-01', ...parameters };
    const answer = await this.#api.ask(
      { name: action, service, region, host: hostOf(service, region), path: '/', form },
      signal,
    );
    const response = (answer as Record<string, Wire>)[`${action}Response`];
    return (response as Record<string, Wire> | undefined)?.[`${action}Result`] ?? '';
  }
}

function arnOf(balancer: unknown): string {
  return textAt(balancer, 'LoadBalancerArn') ?? '';
}

function markerOf(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { Marker: token };
}
