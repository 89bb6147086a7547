/** Something that rules judge, in one shape whatever system it lives in. `Body` is what its kind says of it. */
export interface Resource<Body = unknown> {
  /** Names it for ever and among all systems: `<system>/<account or cluster>/…/<kind>/<id>`. Made again under the same name, it is another one where its system tells. */
  readonly uid: string;
  /** What it is, `<system>.<Kind>`: `aws.SecurityGroup`, `kubernetes.Service`, `kafka.Topic`, `hdfs.Folder`, `hive.Table`. */
  readonly kind: string;
  /** The id of the listing that it comes from. */
  readonly scope: string;
  /** What people call it. */
  readonly name: string;
  /** Where it lives, outermost first, in words of its system: account, region, namespace, cluster, folder. */
  readonly place: Readonly<Record<string, string>>;
  /** Its tags or labels as they are written; undefined for a kind that has none or where they could not be read. Read it by {@link labelOf}. */
  readonly labels?: Readonly<Record<string, string>>;
  /** resourceVersion, etag or a hash: the same text means the same content. */
  readonly version?: string;
  readonly body: Body;
}

/** The value of a tag or label of exactly this name, also of one called like a method of objects. */
export function labelOf({ labels }: Resource, name: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/** One listing: what a complete run of it has not shown does not exist. */
export interface Scope {
  /** `<system>/<account or cluster>/<region or namespace or …>/<kind>`, unlike all others. */
  readonly id: string;
  readonly kind: string;
}
