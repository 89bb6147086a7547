/** A filter of a Trigger: knative.dev/eventing, pkg/apis/eventing/v1, SubscriptionsAPIFilter, without CESQL. */
export interface Filter {
  readonly exact?: Readonly<Record<string, string>>;
  readonly prefix?: Readonly<Record<string, string>>;
  readonly suffix?: Readonly<Record<string, string>>;
  readonly any?: readonly Filter[];
  readonly all?: readonly Filter[];
  readonly not?: Filter;
}

/** What Triggers of ours say. */
export interface TriggerSpec {
  readonly broker: string;
  readonly filters: readonly Filter[];
  readonly subscriber: { readonly ref: { readonly apiVersion: string; readonly kind: string; readonly name: string } };
  readonly delivery: {
    readonly timeout: string;
    readonly retry: number;
    readonly backoffPolicy: string;
    readonly backoffDelay: string;
    readonly deadLetterSink: { readonly ref: { readonly kind: string; readonly name: string } };
  };
}

/** True when all filters let an event through; an attribute that it does not have fits nothing. */
export function passes(filters: readonly Filter[], event: Readonly<Record<string, unknown>>): boolean {
  return filters.every((filter) => passesOne(filter, event));
}

function passesOne(filter: Filter, event: Readonly<Record<string, unknown>>): boolean {
  const every = (
    attributes: Readonly<Record<string, string>>,
    fits: (value: string, wanted: string) => boolean,
  ): boolean =>
    Object.entries(attributes).every(([name, wanted]) => {
      const value = event[name];
      return typeof value === 'string' && fits(value, wanted);
    });
  const known: boolean[] = [];
  if (filter.exact) known.push(every(filter.exact, (value, wanted) => value === wanted));
  if (filter.prefix) known.push(every(filter.prefix, (value, wanted) => value.startsWith(wanted)));
  if (filter.suffix) known.push(every(filter.suffix, (value, wanted) => value.endsWith(wanted)));
  if (filter.any) known.push(filter.any.some((one) => passesOne(one, event)));
  if (filter.all) known.push(passes(filter.all, event));
  if (filter.not) known.push(!passesOne(filter.not, event));
  if (known.length !== 1) throw new Error(`a filter has one dialect, this one has ${Object.keys(filter).join(', ')}`);
  return known[0] === true;
}
