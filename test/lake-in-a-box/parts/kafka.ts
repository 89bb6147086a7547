import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJavaCommand, type BuildSite } from '../build-site.ts';
import { log4j2Xml, renderProperties, writeConf } from '../conf-files.ts';
import { javaTool } from '../jvm.ts';
import { answersKafka } from '../probes.ts';

/** The files with which a client speaks to the secure listeners. */
export function kafkaSecrets(folder: string): Readonly<Record<'kafkaCa' | 'kafkaPassword' | 'kafkaStore', string>> {
  const conf = join(folder, 'conf', 'kafka');
  return {
    kafkaCa: join(conf, 'ca.pem'),
    kafkaPassword: join(conf, 'reader.password'),
    kafkaStore: join(conf, 'server.p12'),
  };
}

/** Makes the secrets of the secure listener, unless the lake has them from an earlier time. */
async function makeSecrets(site: BuildSite): Promise<string> {
  const { kafkaCa, kafkaPassword, kafkaStore: store } = kafkaSecrets(site.folder);
  if (!existsSync(kafkaPassword)) {
    const keytool = (args: readonly string[]): Promise<void> => {
      const own = ['-alias', 'kafka', '-keystore', store, '-storepass', storePassword];
      return site.run('kafka-keytool', { command: javaTool('keytool'), args: [...args, ...own] });
    };
    rmSync(store, { force: true });
    const certificate = '-keyalg EC -storetype PKCS12 -validity 3650 -dname CN=lake -ext san=ip:127.0.0.1';
    await keytool(['-genkeypair', ...certificate.split(' ')]);
    await keytool(['-exportcert', '-rfc', '-file', kafkaCa]);
    writeFileSync(kafkaPassword, randomBytes(12).toString('hex'));
  }
  return readFileSync(kafkaPassword, 'utf8');
}

/** It guards nothing: whoever reads the file reads this, too. */
const storePassword = 'changeit';

/** Starts one Kafka node (KRaft: broker and controller in one). */
export async function startKafka(site: BuildSite): Promise<void> {
  const conf = join(site.folder, 'conf', 'kafka');
  const data = join(site.folder, 'data', 'kafka');
  const { kafka, kafkaSecure, kafkaMutual, kafkaController } = site.ports;
  const settings = join(conf, 'server.properties');
  writeConf(conf, { 'log4j2.xml': log4j2Xml });
  const { kafkaCa, kafkaStore: store } = kafkaSecrets(site.folder);
  const password = await makeSecrets(site);
  const login = 'org.apache.kafka.common.security';
  const listeners = `PLAINTEXT://127.0.0.1:${kafka},SECURE://127.0.0.1:${kafkaSecure},MUTUAL://127.0.0.1:${kafkaMutual}`;
  writeConf(conf, {
    'server.properties': renderProperties({
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@127.0.0.1:${kafkaController}`,
      listeners: `${listeners},CONTROLLER://127.0.0.1:${kafkaController}`,
      'advertised.listeners': listeners,
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'PLAINTEXT',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,MUTUAL:SSL,CONTROLLER:PLAINTEXT',
      'ssl.keystore.location': store,
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.password': storePassword,
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.mutual.ssl.truststore.type': 'PEM',
      'listener.name.mutual.ssl.truststore.location': kafkaCa,
      'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      'listener.name.secure.plain.sasl.jaas.config': `${login}.plain.PlainLoginModule required user_reader="${password}";`,
      'listener.name.secure.scram-sha-256.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
      'listener.name.secure.scram-sha-512.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
      'listener.name.secure.oauthbearer.sasl.jaas.config': `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
      // So that clients have to show themselves again while they are tested.
      'listener.name.secure.oauthbearer.connections.max.reauth.ms': 2_000,
      'log.dirs': data,
      // Tests wait until a topic is compacted, and until a transaction that nobody ends is over.
      'log.cleaner.backoff.ms': 500,
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
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
      ...site.kafkaSettings,
    }),
  });
  const program = {
    classPath: [conf, ...site.jars('kafka')],
    systemProperties: { 'log4j2.configurationFile': join(conf, 'log4j2.xml') },
  };

  if (!existsSync(join(data, 'meta.properties'))) {
    rmSync(data, { recursive: true, force: true });
    const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
    const users = [256, 512].flatMap((bits) => ['--add-scram', `SCRAM-SHA-${bits}=[name=reader,password=${password}]`]);
    const args = ['format', '-t', id, '-c', settings, ...users];
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
