import type { ConnectionOptions } from 'node:tls';

/** How to reach the brokers. */
export interface KafkaOptions {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** TLS is spoken when given; asked anew when connections are made after a `close`. */
  readonly tls?: () => Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>;
  readonly sasl?: SaslOptions;
  /** Longest time of one call, in milliseconds. */
  readonly deadlineMs: number;
}

/** Who we say we are; secrets are asked anew for each connection, and when its session ends. */
export type SaslOptions =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
      readonly username: string;
      readonly password: () => string;
    }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => string };
