import { z } from 'zod';
import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { type KafkaTopicBody, kafkaKinds } from '../../inventory/kafka/kinds.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import type { Judgement } from '../../model/verdict.ts';
import { folder } from '../hdfs/examples.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isAmong, services } from '../principals.ts';
import { readTopicFact, type TopicFact, trimTopic } from './dead-letters.ts';
import { type FolderFact, readFolderFact } from './folder-facts.ts';

const parameters = z.strictObject({ services });

/** Folders right below a root, by their names, which are those of topics; partitions below them are not kept. */
const topicFolders: Need<FolderFact> = {
  kind: hdfsKinds.folder,
  keys: ({ name }) => [name.slice(name.lastIndexOf('/') + 1)],
  fact(resource) {
    const body = resource.body as HdfsFolderBody;
    return body.depth === 1 ? readFolderFact(body) : undefined;
  },
};

const topic = (principal?: string, rules = 1) => ({
  name: 'clicks',
  body: {
    internal: false,
    access: { rules, grants: principal === undefined ? [] : [{ principal, host: '*', operations: ['Read'] }] },
  },
});

/** What Kafka Connect and the quarantine write is as closed as the topic that it came from. */
export const foldersNotWider = defineRule<KafkaTopicBody, typeof parameters>({
  id: 'lake-folder-not-wider-than-topic',
  version: 1,
  title: 'Who may not read a topic may not read what was written from it into HDFS',
  why: 'Kafka Connect copies each record into the golden zone, and the triage of dead letters whole records into the quarantine. The rules of the topic do not travel with them. Each folder below a root that is called like the topic is held against it.',
  area: 'identity',
  severity: 'high',
  kinds: [kafkaKinds.topic],
  remedy: 'Close the folder of the topic to others, and take names out of its ACL that have no rule for the topic.',
  triggers: ['kafka/acl', 'hdfs/permission'],
  needs: [topicFolders],
  parameters,
  trim: trimTopic,
  judge({ name, body }, look) {
    if (body.internal) return [];
    const fact = readTopicFact(name, body);
    return look.related(topicFolders, name).map((each) => judgeFolder(fact, each, look.parameters.services));
  },
  examples: [
    { shows: 'a closed folder', given: topic('User:app'), beside: [folder()], status: 'pass' },
    { shows: 'an open folder of a closed topic', given: topic('User:app'), beside: [open('golden')], status: 'fail' },
    { shows: 'an open folder of an open topic', given: topic('User:*'), beside: [open('golden')], status: 'pass' },
    {
      shows: 'a quarantine of a closed topic',
      given: topic('User:app'),
      beside: [folder(), open('quarantine')],
      status: 'fail',
    },
    { shows: 'a topic of which no rule speaks', given: topic(undefined, 0), beside: [open('golden')], status: 'pass' },
    { shows: 'a name that may read both', given: topic('User:ann'), beside: [named('ann')], status: 'pass' },
    { shows: 'a name that may read the folder only', given: topic('User:ann'), beside: [named('eve')], status: 'fail' },
    {
      shows: 'access rules that may not be read',
      given: { name: 'clicks', body: { internal: false } },
      beside: [folder()],
      status: 'unknown',
    },
  ],
});

function judgeFolder(topicFact: TopicFact, { path, others, readers }: FolderFact, known: readonly string[]): Judgement {
  const { name, access } = topicFact;
  const part = path;
  if (access === undefined) return unknown(`the access rules for topic ${name} could not be read`, { part });
  if (access.rules === 0) return pass(`no access rule speaks of topic ${name}`, { part });
  if (access.readers.some(({ principal, host }) => principal === 'User:*' && host === '*'))
    return pass(`everybody may read topic ${name}`, { part });
  if (others[0] === 'r' && others[2] === 'x')
    return fail(`everybody can read ${path}, and only some may read topic ${name}`, { path, others }, { part });
  if (readers === undefined) return unknown(`the ACL of ${path} could not be read`, { part });
  const wider = readers.filter(
    (each) =>
      !isAmong(each, known) &&
      !access.readers.some(({ principal }) => principal === `User:${each}` || principal === 'User:*'),
  );
  return wider.length === 0
    ? pass(`${path} is not open to more than topic ${name}`, { part })
    : fail(`${wider.join(', ')} can read ${path} and may not read topic ${name}`, { path, readers: wider }, { part });
}

function open(root: string) {
  return folder({ mode: '0755', root }, `/${root}/clicks`);
}

function named(name: string) {
  return folder({ acl: [{ scope: 'access', type: 'user', name, permission: 'r-x', effective: 'r-x' }] });
}
