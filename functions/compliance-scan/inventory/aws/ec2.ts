import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { Resource } from '../../model/resource.ts';
import { type Page, readAll, readPages } from '../pages.ts';
import { type AwsAccess, type AwsReader, callAws, clientOptions, unlessGone } from './aws-call.ts';
import { isGone } from './aws-error.ts';
import type { AwsKind } from './kinds.ts';
import { normaliseGroup, normaliseInstance, normaliseInterface, normaliseVolume } from './normalise.ts';
import { prefixListsOf } from './permission.ts';

/** Resources on one page: small pages keep the memory of a listing small. */
const pageSize = 500;

type Ids = readonly string[] | undefined;

/** Security groups, network interfaces, instances and volumes of one region. */
export class Ec2Reader implements AwsReader {
  readonly #access: AwsAccess;
  readonly #client: EC2Client;

  constructor(access: AwsAccess) {
    this.#access = access;
    this.#client = new EC2Client(clientOptions(access));
  }

  list(kind: AwsKind, signal: AbortSignal): AsyncIterable<readonly Resource[]> {
    const lists = new Map<string, readonly string[]>();
    return readPages(`the listing of aws.${kind}`, (token) => this.#page(kind, { token }, lists, signal));
  }

  async read(kind: AwsKind, id: string, signal: AbortSignal): Promise<Resource | undefined> {
    const page = await unlessGone(this.#page(kind, { ids: [id] }, new Map(), signal));
    return page?.items.find(({ place }) => place.id === id);
  }

  close(): void {
    this.#client.destroy();
  }

  async #page(
    kind: AwsKind,
    { token, ids }: { readonly token?: string | undefined; readonly ids?: Ids },
    lists: Map<string, readonly string[]>,
    signal: AbortSignal,
  ): Promise<Page<Resource>> {
    // A page size and ids exclude each other.
    const paging = ids === undefined ? { MaxResults: pageSize, ...(token !== undefined && { NextToken: token }) } : {};
    const { place } = this.#access;
    switch (kind) {
      case 'SecurityGroup': {
        const command = new DescribeSecurityGroupsCommand({ ...paging, ...(ids && { GroupIds: [...ids] }) });
        const answer = await this.#call('DescribeSecurityGroups', signal, (options) =>
          this.#client.send(command, options),
        );
        const groups = answer.SecurityGroups ?? [];
        await this.#resolveLists(groups, lists, signal);
        return { items: groups.map((group) => normaliseGroup(group, place, lists)), next: answer.NextToken };
      }
      case 'NetworkInterface': {
        const command = new DescribeNetworkInterfacesCommand({
          ...paging,
          ...(ids && { NetworkInterfaceIds: [...ids] }),
        });
        const answer = await this.#call('DescribeNetworkInterfaces', signal, (options) =>
          this.#client.send(command, options),
        );
        const ports = answer.NetworkInterfaces ?? [];
        return { items: ports.map((port) => normaliseInterface(port, place)), next: answer.NextToken };
      }
      case 'Instance': {
        const command = new DescribeInstancesCommand({ ...paging, ...(ids && { InstanceIds: [...ids] }) });
        const answer = await this.#call('DescribeInstances', signal, (options) => this.#client.send(command, options));
        const instances = (answer.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
        // A terminated instance is shown for an hour, but there is nothing left to mend.
        const there = instances.filter(({ State }) => State?.Name !== 'terminated');
        return { items: there.map((instance) => normaliseInstance(instance, place)), next: answer.NextToken };
      }
      case 'Volume': {
        const command = new DescribeVolumesCommand({ ...paging, ...(ids && { VolumeIds: [...ids] }) });
        const answer = await this.#call('DescribeVolumes', signal, (options) => this.#client.send(command, options));
        return {
          items: (answer.Volumes ?? []).map((volume) => normaliseVolume(volume, place)),
          next: answer.NextToken,
        };
      }
      default:
        throw new LakewardenError('internal', `aws.${kind} is no kind of EC2`);
    }
  }

  /** Reads the prefix lists that groups name, each once for a listing; one that cannot be read stays out. */
  async #resolveLists(
    groups: readonly SecurityGroup[],
    lists: Map<string, readonly string[]>,
    signal: AbortSignal,
  ): Promise<void> {
    const named = groups.flatMap(({ IpPermissions = [], IpPermissionsEgress = [] }) =>
      prefixListsOf([...IpPermissions, ...IpPermissionsEgress]),
    );
    for (const id of new Set(named)) {
      if (lists.has(id)) continue;
      const entries = await this.#readList(id, signal);
      if (entries !== undefined) lists.set(id, entries);
    }
  }

  async #readList(id: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      return await readAll(`prefix list ${id}`, async (token) => {
        const command = new GetManagedPrefixListEntriesCommand({
          PrefixListId: id,
          ...(token !== undefined && { NextToken: token }),
        });
        const { Entries = [], NextToken } = await this.#call('GetManagedPrefixListEntries', signal, (options) =>
          this.#client.send(command, options),
        );
        return { items: Entries.map(({ Cidr = '' }) => Cidr), next: NextToken };
      });
    } catch (error) {
      // Gone, or another account's that may not be read: groups that name it are judged without knowing it.
      if (isError(error, 'inventory.forbidden') || isGone((error as Error).cause)) return undefined;
      throw error;
    }
  }

  #call<Answer>(
    name: string,
    signal: AbortSignal,
    call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    return callAws(this.#access, name, signal, call);
  }
}
