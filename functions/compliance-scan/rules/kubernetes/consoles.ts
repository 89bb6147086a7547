import type { Service } from './service.ts';

/** A program of a data lake that people look at, and who is let in unless it is told otherwise. */
export interface Console {
  readonly name: string;
  /** Fits names of Services, apps and images. */
  readonly word: RegExp;
  /** Ports that nothing else uses. */
  readonly ports: readonly number[];
}

/** The consoles of a lake: each shows data or takes jobs, and none asks for a password as it comes. */
export const consoles: readonly Console[] = [
  { name: 'Jupyter', word: /\b(?:jupyter\w*|notebook|jupyterlab)\b/i, ports: [8888] },
  { name: 'Spark', word: /\bspark[\w-]*\b/i, ports: [4040, 18080, 7077, 15002] },
  { name: 'Airflow', word: /\bairflow\b/i, ports: [8793] },
  { name: 'Trino', word: /\b(?:trino|presto)\b/i, ports: [] },
  { name: 'Flink', word: /\bflink\b/i, ports: [6123] },
  { name: 'HDFS', word: /\b(?:namenode|datanode|hdfs|webhdfs)\b/i, ports: [9870, 9864, 50070, 8020] },
  { name: 'YARN', word: /\b(?:resourcemanager|nodemanager|yarn)\b/i, ports: [8088, 8042] },
  { name: 'Hive', word: /\b(?:hiveserver2?|hive|metastore)\b/i, ports: [10000, 10002, 9083] },
  { name: 'Kafka', word: /\b(?:kafka|akhq|redpanda)\b/i, ports: [9092] },
  { name: 'Kafka Connect', word: /\b(?:kafka-connect|connect-cluster)\b/i, ports: [8083] },
  { name: 'Schema Registry', word: /\b(?:schema-registry|schemaregistry)\b/i, ports: [] },
  { name: 'ZooKeeper', word: /\bzookeeper\b/i, ports: [2181] },
  { name: 'Superset', word: /\bsuperset\b/i, ports: [] },
  { name: 'Zeppelin', word: /\bzeppelin\b/i, ports: [] },
];

/** Which console a Service stands for, by its name, what it selects, and its ports. */
export function consoleOf(name: string, spec: NonNullable<Service['spec']>): Console | undefined {
  const texts = [name, ...Object.values(spec.selector ?? {})];
  const ports = (spec.ports ?? []).flatMap(({ port, targetPort }) => [port, Number(targetPort)]);
  return (
    consoles.find(({ word }) => texts.some((text) => word.test(text))) ??
    consoles.find((console) => console.ports.some((port) => ports.includes(port)))
  );
}
