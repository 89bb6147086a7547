import { join } from 'node:path';
import { writeJavaCommand, type BuildSite } from '../build-site.ts';
import { log4j2Xml, renderProperties, writeConf } from '../conf-files.ts';
import { answersHttp } from '../probes.ts';

/** Starts a Kafka Connect worker (distributed, alone in its group) with the file connectors, once Kafka works. */
export async function startConnect(site: BuildSite): Promise<void> {
  const conf = join(site.folder, 'conf', 'connect');
  const { kafka, connect } = site.ports;
  const settings = join(conf, 'connect.properties');
  writeConf(conf, {
    'log4j2.xml': log4j2Xml,
    'connect.properties': renderProperties({
      'bootstrap.servers': `127.0.0.1:${kafka}`,
      listeners: `http://127.0.0.1:${connect}`,
      'group.id': 'lake-connect',
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': false,
      'config.storage.topic': '_connect_configs',
      'config.storage.replication.factor': 1,
      'offset.storage.topic': '_connect_offsets',
      'offset.storage.replication.factor': 1,
      'offset.storage.partitions': 1,
      'status.storage.topic': '_connect_status',
      'status.storage.replication.factor': 1,
      'status.storage.partitions': 1,
      'offset.flush.interval.ms': 2000,
    }),
  });
  const command = writeJavaCommand(site, 'connect', {
    mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
    args: [settings],
    classPath: [conf, ...site.jars('connect')],
    heap: 384,
    systemProperties: { 'log4j2.configurationFile': join(conf, 'log4j2.xml') },
  });

  await site.ready('kafka');
  await site.start({
    name: 'connect',
    part: 'connect',
    ...command,
    isReady: () => answersHttp(`http://127.0.0.1:${connect}/connectors`),
    deadline: 180,
  });
}
