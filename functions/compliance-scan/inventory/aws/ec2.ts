import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { Resource } from '../../model/resource.ts';
import { type Page, readAll, readPages } from '../pages.ts';
import { type AwsAccess, AwsApi } from './aws-api.ts';
import { isGone } from './aws-error.ts';
import { type AwsReader, hostOf, unlessGone } from './aws-reader.ts';
import type { AwsKind } from './kinds.ts';
import { normaliseGroup, normaliseInstance, normaliseInterface, normaliseVolume } from './normalise.ts';
import { prefixListsOf } from './permission.ts';
import type { AwsPlace } from './place.ts';
import { listAt, textAt, textsAt } from '../wire.ts';
import type { Wire } from './xml.ts';

/** Resources on one page. AWS gives 1,000 at most. */
const pageSize = 1_000;
const version = '2016-11-15';

type Lists = Map<string, readonly string[]>;

interface Description {
  /** The call that lists the kind, and the parameter that names single ones. */
  readonly action: string;
  readonly ids: string;
  readonly items: (answer: unknown) => readonly unknown[];
  readonly normalise: (item: unknown, place: AwsPlace, lists: Lists) => Resource;
}

const descriptions: Partial<Record<AwsKind, Description>> = {
  SecurityGroup: {
    action: 'DescribeSecurityGroups',
    ids: 'GroupId',
    items: (answer) => listAt(answer, 'securityGroupInfo'),
    normalise: normaliseGroup,
  },
  NetworkInterface: {
    action: 'DescribeNetworkInterfaces',
    ids: 'NetworkInterfaceId',
    items: (answer) => listAt(answer, 'networkInterfaceSet'),
    normalise: normaliseInterface,
  },
  Instance: {
    action: 'DescribeInstances',
    ids: 'InstanceId',
    // A terminated instance is shown for an hour, but there is nothing left to mend.
    items: (answer) =>
      listAt(answer, 'reservationSet')
        .flatMap((reservation) => listAt(reservation, 'instancesSet'))
        .filter((instance) => textAt(instance, 'instanceState', 'name') !== 'terminated'),
    normalise: normaliseInstance,
  },
  Volume: {
    action: 'DescribeVolumes',
    ids: 'VolumeId',
    items: (answer) => listAt(answer, 'volumeSet'),
    normalise: normaliseVolume,
  },
};

/** Security groups, network interfaces, instances and volumes of one region. */
export class Ec2Reader implements AwsReader {
  readonly #place: AwsPlace;
  readonly #api: AwsApi;

  constructor(access: AwsAccess) {
    this.#place = access.place;
    this.#api = new AwsApi(access);
  }

  list(kind: AwsKind, signal: AbortSignal): AsyncIterable<readonly Resource[]> {
    const lists: Lists = new Map();
    const described = describe(kind);
    return readPages(`the listing of aws.${kind}`, (token) =>
      this.#page(described, { MaxResults: String(pageSize), ...tokenOf(token) }, lists, signal),
    );
  }

  async read(kind: AwsKind, id: string, signal: AbortSignal): Promise<Resource | undefined> {
    const described = describe(kind);
    const page = await unlessGone(this.#page(described, { [`${described.ids}.1`]: id }, new Map(), signal));
    return page?.items.find(({ place }) => place.id === id);
  }

  close(): void {
    this.#api.close();
  }

  async #page(
    { action, items, normalise }: Description,
    parameters: Readonly<Record<string, string>>,
    lists: Lists,
    signal: AbortSignal,
  ): Promise<Page<Resource>> {
    const answer = await this.#ask(action, parameters, signal);
    const found = items(answer);
    if (action === 'DescribeSecurityGroups') await this.#resolveLists(found, lists, signal);
    return { items: found.map((item) => normalise(item, this.#place, lists)), next: textAt(answer, 'nextToken') };
  }

  /** Reads the prefix lists that groups name, each once for a listing; one that cannot be read stays out. */
  async #resolveLists(groups: readonly unknown[], lists: Lists, signal: AbortSignal): Promise<void> {
    const unread = new Set(groups.flatMap((group) => prefixListsOf(group)).filter((id) => !lists.has(id)));
    for (const id of unread) {
      const addresses = await this.#readList(id, signal);
      if (addresses !== undefined) lists.set(id, addresses);
    }
  }

  async #readList(id: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      return await readAll(`prefix list ${id}`, async (token) => {
        const parameters = { PrefixListId: id, ...tokenOf(token) };
        const answer = await this.#ask('GetManagedPrefixListEntries', parameters, signal);
        return { items: textsAt(answer, ['entrySet'], 'cidr'), next: textAt(answer, 'nextToken') };
      });
    } catch (error) {
      // Gone, or another account's that may not be read: groups that name it are judged without knowing it.
      if (isError(error, 'inventory.forbidden') || isGone((error as Error).cause)) return undefined;
      throw error;
    }
  }

  async #ask(action: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Wire> {
    const { region } = this.#place;
    const form = { Action: action, Version: version, ...parameters };
    const question = { name: action, service: 'ec2', region, host: hostOf('ec2', region), path: '/', form };
    const answer = await this.#api.ask(question, signal);
    return (answer as Record<string, Wire>)[`${action}Response`] ?? '';
  }
}

function describe(kind: AwsKind): Description {
  const described = descriptions[kind];
  if (described === undefined) throw new LakewardenError('internal', `aws.${kind} is no kind of EC2`);
  return described;
}

function tokenOf(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { NextToken: token };
}
