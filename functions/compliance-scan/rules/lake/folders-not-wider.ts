import { z } from 'zod';
import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { kafkaKinds } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { folder } from '../hdfs/examples.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isAmong, services } from '../principals.ts';
import { topicNeed } from './dead-letters.ts';
import { readFolderFact } from './folder-facts.ts';

const parameters = z.strictObject({
  services,
  topicRoots: z
    .array(z.string())
    .default(['golden', 'quarantine', 'raw'])
    .describe('roots whose folders are named after topics'),
});
const topic = (principal?: string, rules = 1) => ({
  kind: kafkaKinds.topic,
  name: 'clicks',
  body: {
    internal: false,
    access: { rules, grants: principal === undefined ? [] : [{ principal, host: '*', operations: ['Read'] }] },
  },
});

/** What Kafka Connect and the quarantine write is as closed as the topic that it came from. */
export const foldersNotWider = defineRule<HdfsFolderBody, typeof parameters>({
  id: 'lake-folder-not-wider-than-topic',
  version: 1,
  title: 'Who may not read a topic may not read what was written from it into HDFS',
  why: 'Kafka Connect copies each record into the golden zone, and the triage of dead letters whole records into the quarantine. The rules of the topic do not travel with them.',
  area: 'identity',
  severity: 'high',
  kinds: [hdfsKinds.folder],
  remedy: 'Close the folder of the topic to others, and take names out of its ACL that have no rule for the topic.',
  triggers: ['kafka/acl', 'hdfs/permission'],
  needs: [topicNeed],
  parameters,
  judge({ name, body }, look) {
    const { root, depth, path } = body;
    if (depth !== 1 || !look.parameters.topicRoots.includes(root)) return [];
    const topicName = path.slice(path.lastIndexOf('/') + 1);
    const [fact] = look.related(topicNeed, topicName);
    // Not every folder is a topic's.
    if (fact === undefined) return [];
    if (fact.access === undefined) return unknown(`the access rules for topic ${topicName} could not be read`);
    const { rules, readers } = fact.access;
    if (rules === 0) return pass(`no access rule speaks of topic ${topicName}`);
    if (readers.some(({ principal, host }) => principal === 'User:*' && host === '*'))
      return pass(`everybody may read topic ${topicName}`);
    const { others, readers: named } = readFolderFact(body);
    if (others[0] === 'r' && others[2] === 'x')
      return fail(`everybody can read ${name}, and only some may read topic ${topicName}`, {
        others,
        topic: topicName,
      });
    if (named === undefined) return unknown(`the ACL of ${name} could not be read`);
    const wider = named.filter(
      (each) =>
        !isAmong(each, look.parameters.services) &&
        !readers.some(({ principal }) => principal === `User:${each}` || principal === 'User:*'),
    );
    return wider.length === 0
      ? pass(`${name} is not open to more than topic ${topicName}`)
      : fail(`${wider.join(', ')} can read ${name} and may not read topic ${topicName}`, {
          readers: wider,
          topic: topicName,
        });
  },
  examples: [
    { shows: 'a closed folder', given: folder(), beside: [topic('User:app')], status: 'pass' },
    {
      shows: 'an open folder of a closed topic',
      given: folder({ mode: '0755' }),
      beside: [topic('User:app')],
      status: 'fail',
    },
    {
      shows: 'an open folder of an open topic',
      given: folder({ mode: '0755' }),
      beside: [topic('User:*')],
      status: 'pass',
    },
    {
      shows: 'a quarantine of a closed topic',
      given: folder({ mode: '0755', root: 'quarantine' }, '/quarantine/clicks'),
      beside: [topic('User:app')],
      status: 'fail',
    },
    {
      shows: 'a name that may read both',
      given: folder({ acl: [reader('ann')] }),
      beside: [topic('User:ann')],
      status: 'pass',
    },
    {
      shows: 'a name that may read the folder only',
      given: folder({ acl: [reader('eve')] }),
      beside: [topic('User:ann')],
      status: 'fail',
    },
  ],
});

function reader(name: string) {
  return { scope: 'access', type: 'user', name, permission: 'r-x', effective: 'r-x' } as const;
}
