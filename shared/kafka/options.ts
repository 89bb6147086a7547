import type { ConnectionOptions } from 'node:tls';

/** How to reach the brokers. */
export interface KafkaOptions {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** TLS is spoken when given. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>;
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
    readonly username: string;
    /** Asked anew for each connection. */
    readonly password: () => string;
  };
  /** Longest time of one call, in milliseconds. */
  readonly deadlineMs: number;
}
