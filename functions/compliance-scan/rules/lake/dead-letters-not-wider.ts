import { z } from 'zod';
import { type KafkaTopicBody, kafkaKinds } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { admins, isAmong } from '../principals.ts';
import {
  deadLetterSources,
  deadLetterTopics,
  isCovered,
  readTopicFact,
  sourcesOf,
  topicNeed,
  trimTopic,
} from './dead-letters.ts';

const parameters = z.strictObject({
  deadLetterTopics,
  deadLetterSources,
  admins,
  triagers: z
    .array(z.string().min(1))
    .default(['lakewarden'])
    .describe('programs that may read dead letters of all topics'),
});
const read = (...principals: string[]) => ({
  internal: false,
  access: { rules: 1, grants: principals.map((principal) => ({ principal, host: '*', operations: ['Read'] })) },
});

/** A dead letter is as secret as the record that it was. */
export const deadLettersNotWider = defineRule<KafkaTopicBody, typeof parameters>({
  id: 'lake-dead-letters-not-wider',
  version: 1,
  title: 'Nobody reads dead letters who may not read their source',
  why: 'A dead letter holds the whole record, often before anything was masked. Rules for the dead letter topic are written in a hurry, so that more people read there what they may not read at the source.',
  area: 'identity',
  severity: 'high',
  kinds: [kafkaKinds.topic],
  remedy: 'Give the dead letter topic the readers of its source and the programs that triage, and nobody else.',
  triggers: ['kafka/acl', 'kafka/topic'],
  needs: [topicNeed],
  parameters,
  trim: trimTopic,
  judge({ name, body }, look) {
    const sources = sourcesOf(name, look.parameters, look);
    if (sources === undefined) return [];
    if (sources.length === 0) return unknown(`the source of the dead letters in ${name} is not known`);
    const { access } = readTopicFact(name, body);
    if (access === undefined || sources.some((source) => source.access === undefined))
      return unknown(`the access rules for ${name} or its source could not be read`);
    const guarded = sources.find((source) => (source.access?.rules ?? 0) > 0);
    if (access.rules === 0)
      return guarded === undefined
        ? pass(`no access rule speaks of ${name} nor of its source`)
        : fail(`no access rule speaks of ${name}, while ${guarded.name} has some`, { source: guarded.name, rules: 0 });
    const trusted = [...look.parameters.admins, ...look.parameters.triagers];
    const wider = access.readers.filter(({ principal }) => !isAmong(principal, trusted));
    for (const source of sources) {
      const more = wider.filter((reader) => !isCovered(reader, source.access?.readers ?? []));
      if (more.length === 0 || source.access?.rules === 0) continue;
      const who = more.map(({ principal }) => principal).join(', ');
      const severity = more.some(({ principal }) => principal === 'User:*') ? 'critical' : 'high';
      const evidence = { source: source.name, readers: more.map(({ principal, host }) => `${principal} from ${host}`) };
      return fail(`${who} may read dead letters of ${source.name} but not ${source.name}`, evidence, { severity });
    }
    return pass(`nobody reads ${name} who may not read its source`);
  },
  examples: [
    {
      shows: 'the same readers',
      given: { name: 'clicks.dlq', body: read('User:app') },
      beside: [{ name: 'clicks', body: read('User:app') }],
      status: 'pass',
    },
    {
      shows: 'one more',
      given: { name: 'clicks.dlq', body: read('User:app', 'User:eve') },
      beside: [{ name: 'clicks', body: read('User:app') }],
      status: 'fail',
    },
    {
      shows: 'everybody',
      given: { name: 'clicks.dlq', body: read('User:*') },
      beside: [{ name: 'clicks', body: read('User:app') }],
      status: 'fail',
    },
    {
      shows: 'the program that triages',
      given: { name: 'clicks.dlq', body: read('User:lakewarden') },
      beside: [{ name: 'clicks', body: read('User:app') }],
      status: 'pass',
    },
    {
      shows: 'a source for everybody',
      given: { name: 'clicks.dlq', body: read('User:eve') },
      beside: [{ name: 'clicks', body: read('User:*') }],
      status: 'pass',
    },
    {
      shows: 'no rules beside a guarded source',
      given: { name: 'clicks.dlq', body: { internal: false, access: { rules: 0, grants: [] } } },
      beside: [{ name: 'clicks', body: read('User:app') }],
      status: 'fail',
    },
    { shows: 'no source', given: { name: 'dead-letter', body: read('User:app') }, status: 'unknown' },
    {
      shows: 'one topic for the letters of all',
      given: { name: 'dead-letter', body: read('User:app') },
      beside: [
        { name: 'raw-a', body: read('User:app') },
        { name: 'raw-b', body: read('User:other') },
      ],
      parameters: { deadLetterSources: ['raw-*'] },
      status: 'fail',
    },
  ],
});
