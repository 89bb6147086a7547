import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeJavaCommand, type BuildSite } from '../build-site.ts';
import { log4j2Xml, renderProperties, writeConf } from '../conf-files.ts';
import { answersKafka } from '../probes.ts';

/** Starts one Kafka node (KRaft: broker and controller in one). */
export async function startKafka(site: BuildSite): Promise<void> {
  const conf = join(site.folder, 'conf', 'kafka');
  const data = join(site.folder, 'data', 'kafka');
  const { kafka, kafkaController } = site.ports;
  const settings = join(conf, 'server.properties');
  writeConf(conf, {
    'log4j2.xml': log4j2Xml,
    'server.properties': renderProperties({
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@127.0.0.1:${kafkaController}`,
      listeners: `PLAINTEXT://127.0.0.1:${kafka},CONTROLLER://127.0.0.1:${kafkaController}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${kafka}`,
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'PLAINTEXT',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'log.dirs': data,
      'num.partitions': 1,
      'auto.create.topics.enable': true,
      'offsets.topic.replication.factor': 1,
      'offsets.topic.num.partitions': 5,
      'transaction.state.log.replication.factor': 1,
      'transaction.state.log.min.isr': 1,
      'transaction.state.log.num.partitions': 5,
      'share.coordinator.state.topic.replication.factor': 1,
      'share.coordinator.state.topic.min.isr': 1,
      'group.initial.rebalance.delay.ms': 0,
      // Access rules can be made and read, though everybody on this machine may do everything.
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'allow.everyone.if.no.acl.found': true,
    }),
  });
  const program = {
    classPath: [conf, ...site.jars('kafka')],
    systemProperties: { 'log4j2.configurationFile': join(conf, 'log4j2.xml') },
  };

  if (!existsSync(join(data, 'meta.properties'))) {
    rmSync(data, { recursive: true, force: true });
    const args = ['format', '-t', randomBytes(16).toString('base64url').replace(/^-/, 'A'), '-c', settings];
    const format = { ...program, mainClass: 'kafka.tools.StorageTool', args, heap: 256 };
    await site.run('kafka-format', writeJavaCommand(site, 'kafka-format', format));
  }
  await site.start({
    name: 'kafka',
    part: 'kafka',
    ...writeJavaCommand(site, 'kafka', { ...program, mainClass: 'kafka.Kafka', args: [settings], heap: 512 }),
    isReady: () => answersKafka(kafka),
    deadline: 120,
  });
}
