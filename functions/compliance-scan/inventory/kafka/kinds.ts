import type { AccessRule } from '#shared/kafka/access-rule.ts';

/** The kinds of Kafka's resources. Rules see the bodies below as `resource.body`. */
export const kafkaKinds = {
  cluster: 'kafka.Cluster',
  broker: 'kafka.Broker',
  topic: 'kafka.Topic',
  acl: 'kafka.Acl',
} as const;

/** What somebody may do by all access rules together: those for the name, for beginnings of it and for `*`; denials win. */
export interface KafkaGrant {
  /** Such as `User:alice`; `User:*` is everybody, `User:ANONYMOUS` whoever does not say who he is. */
  readonly principal: string;
  /** An address, or `*` for all. */
  readonly host: string;
  /** Sorted; `All` is written out. */
  readonly operations: readonly string[];
}

/** Who may do what with a thing, super users aside. */
export interface KafkaAccess {
  /** Access rules that speak of it, denials too. Without any, `allow.everyone.if.no.acl.found` decides. */
  readonly rules: number;
  /** What is left after denials, sorted by principal and host. */
  readonly grants: readonly KafkaGrant[];
}

/** A cluster as a whole. */
export interface KafkaClusterBody {
  /** As the brokers call it. */
  readonly id?: string;
  /** Numbers of the brokers. */
  readonly brokers: readonly number[];
  /** False when brokers check no access at all; undefined where we may not ask. */
  readonly authorizer?: boolean;
  /** Access to the cluster itself; undefined where access rules could not be read or there is no authorizer. */
  readonly access?: KafkaAccess;
}

/** How clients, brokers or controllers connect to a broker. */
export interface KafkaListener {
  readonly name: string;
  /** As `listener.security.protocol.map` says, whatever the name promises. */
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL' | 'unknown';
  /** Where it listens: `0.0.0.0` and an empty text are all or unknown interfaces. */
  readonly host: string;
  readonly port: number;
  /** True when only programs on the broker's own machine can reach it. */
  readonly loopback: boolean;
  /** True when clients are told of it. */
  readonly advertised: boolean;
  readonly betweenBrokers: boolean;
  readonly ofController: boolean;
  /** Whether clients must show a certificate, of listeners with TLS. */
  readonly clientCertificates: 'none' | 'requested' | 'required';
  /** SASL mechanisms, sorted. */
  readonly mechanisms: readonly string[];
}

/** A broker and its settings. Controllers that are no brokers cannot be asked by clients. */
export interface KafkaBrokerBody {
  readonly id: number;
  /** Where it tells us to go. */
  readonly host: string;
  readonly port: number;
  readonly rack?: string;
  readonly listeners: readonly KafkaListener[];
  /** The class that checks access; empty when nothing does. */
  readonly authorizer: string;
  /** `allow.everyone.if.no.acl.found`; undefined when it is set and the broker hides its value, as Kafka does. */
  readonly allowsEveryone?: boolean;
  /** `super.users`; undefined when they are set and hidden. */
  readonly superUsers?: readonly string[];
  /** Settings that somebody set or that rules look at; never secrets. */
  readonly settings: Readonly<Record<string, string>>;
  /** Names of settings that are set and hidden, sorted. */
  readonly hidden: readonly string[];
}

/** A topic with its settings and who may use it. */
export interface KafkaTopicBody {
  /** Changes when the topic is made anew. */
  readonly id?: string;
  /** True for the brokers' own. */
  readonly internal: boolean;
  readonly partitions: number;
  /** Of the partition with the fewest replicas. */
  readonly replicas: number;
  /** Partitions of which a replica lags behind, and those that nobody leads. */
  readonly lagging: number;
  readonly leaderless: number;
  /** All settings as they hold now; undefined where they could not be read. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Names of those that are set for this topic by itself, sorted. */
  readonly own?: readonly string[];
  /** Undefined where access rules could not be read or there is no authorizer. */
  readonly access?: KafkaAccess;
}

/** One access rule. */
export interface KafkaAclBody extends AccessRule {
  /** True when denials leave nothing of what it allows. */
  readonly denied: boolean;
}
