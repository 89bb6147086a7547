/** What an access rule of Kafka is about. */
export type AccessTarget = 'topic' | 'group' | 'cluster' | 'transactional-id' | 'delegation-token' | 'user' | 'other';

/** An access rule (ACL) of Kafka: who may or may not do what, from where, with what. */
export interface AccessRule {
  readonly target: AccessTarget;
  /** A name, the beginning of names, or `*` for all. */
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  /** Such as `User:alice`; `User:*` is everybody. */
  readonly principal: string;
  /** An address, or `*` for all. */
  readonly host: string;
  /** As Kafka's tools write it, such as `Read` or `All`. */
  readonly operation: string;
  readonly permission: 'allow' | 'deny';
}

/** An access rule as the protocol numbers it. */
export interface RawAccessRules {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly acls: readonly {
    readonly principal: string;
    readonly host: string;
    readonly operation: number;
    readonly permissionType: number;
  }[];
}

// Numbers of the Kafka protocol guide (ResourceType, AclOperation, AclPermissionType, PatternType).
const targets: Readonly<Record<number, AccessTarget>> = {
  2: 'topic',
  3: 'group',
  4: 'cluster',
  5: 'transactional-id',
  6: 'delegation-token',
  7: 'user',
};
const operations: Readonly<Record<number, string>> = {
  2: 'All',
  3: 'Read',
  4: 'Write',
  5: 'Create',
  6: 'Delete',
  7: 'Alter',
  8: 'Describe',
  9: 'ClusterAction',
  10: 'DescribeConfigs',
  11: 'AlterConfigs',
  12: 'IdempotentWrite',
  13: 'CreateTokens',
  14: 'DescribeTokens',
  15: 'TwoPhaseCommit',
};
const prefixed = 4;
const deny = 2;

/** Names what the protocol numbers; an operation of a later version is called by its number. */
export function readAccessRules(raw: readonly RawAccessRules[]): AccessRule[] {
  return raw.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
    acls.map(({ principal, host, operation, permissionType }) => ({
      target: targets[resourceType] ?? 'other',
      name: resourceName,
      pattern: resourcePatternType === prefixed ? 'prefixed' : 'literal',
      principal,
      host,
      operation: operations[operation] ?? `operation ${operation}`,
      permission: permissionType === deny ? 'deny' : 'allow',
    })),
  );
}
