import { z } from 'zod';

/** A service by its ports, as rules about ports name it. */
export const serviceSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z\d-]{0,40}$/, 'lower case letters, digits, dashes')
    .describe('what reasons call it'),
  protocol: z.enum(['tcp', 'udp', 'sctp']).default('tcp').describe('its protocol'),
  ports: z.array(z.int().min(0).max(65_535)).min(1).max(50).describe('ports on which it may listen'),
});

/** A service by its ports. */
export type Service = z.output<typeof serviceSchema>;

const tcp = (name: string, ...ports: readonly number[]): Service => ({ name, protocol: 'tcp', ports: [...ports] });

/** Services that give a machine away to whoever logs in. */
export const adminServices: readonly Service[] = [
  tcp('ssh', 22),
  tcp('telnet', 23),
  tcp('rdp', 3389),
  tcp('vnc', 5900, 5901),
  tcp('winrm', 5985, 5986),
];

/** Services of a data lake by the ports that they have unless somebody chose others. */
export const lakeServices: readonly Service[] = [
  tcp('airflow-or-trino', 8080, 8443),
  tcp('hdfs', 8020, 9000, 9864, 9866, 9867, 9870, 9871),
  tcp('hive', 9083, 10_000, 10_001, 10_002),
  tcp('jupyter', 8888, 8889),
  tcp('kafka', 9092, 9093, 9094),
  tcp('kafka-connect', 8083),
  tcp('mysql', 3306),
  tcp('postgres', 5432),
  tcp('redis', 6379),
  tcp('schema-registry-or-flink', 8081),
  tcp('spark', 4040, 6066, 7077, 18_080),
  tcp('yarn', 8030, 8031, 8032, 8088),
  tcp('zookeeper', 2181),
];
