import { isError, LakewardenError } from '#shared/errors/error.ts';
import { isGlob, isHiddenName } from '#shared/lake/file-name.ts';
import { splitGoldenPath } from '#shared/lake/golden-path.ts';
import { nameCollisions, tableName } from '#shared/lake/table-name.ts';
import type { Settings, TopicSettings } from './config.ts';
import type { Scope } from './doorbell.ts';
import type { Folders } from '#shared/hdfs/partition-folders.ts';
import type { Problem } from './problem.ts';

/** The settings of one topic: its own over the general ones. */
export function topicSettings(settings: Settings, topic: string): TopicSettings {
  const own = settings.topics[topic];
  return {
    topic,
    database: own?.database ?? settings.database,
    table: own?.table ?? tableName(topic),
    location: `${settings.root === '/' ? '' : settings.root}/${topic}`,
    templates: own?.templates ?? settings.templates,
    owner: own?.owner ?? settings.owner,
    comment: own?.comment,
    kafkaTopic: own?.kafkaTopic ?? topic,
    adopt: own?.adopt ?? false,
    allow: own?.allow ?? [],
    statistics: own?.statistics ?? settings.statistics,
    distinctValues: own?.distinctValues ?? settings.distinctValues,
  };
}

/**
 * The topics of a scope, each with its settings, and what speaks against some of them. One listing of the root; none for
 * paths, which name their topics: who makes a table for one has to ask for the topic by its name.
 */
export async function chooseTopics(
  hdfs: Folders,
  settings: Settings,
  scope: Scope,
): Promise<{ topics: TopicSettings[]; problems: Problem[] }> {
  const present = scope.kind === 'paths' ? undefined : await presentTopics(hdfs, settings);
  const named = (topic: string): string => {
    const { database, table } = topicSettings(settings, topic);
    return `${database}.${table}`;
  };
  const collisions = nameCollisions(new Map((present ?? []).map((topic) => [topic, named(topic)])));
  const wanted =
    scope.kind === 'paths'
      ? [...new Set(scope.paths.map((path) => splitGoldenPath(settings.root, path).topic))]
      : [...new Set(scope.topics ?? present)];
  const problems: Problem[] = [];
  const topics = wanted.toSorted().filter((topic) => {
    const table = named(topic);
    const rivals = collisions.get(table);
    if (isHiddenName(topic) || settings.exclude.includes(topic)) {
      // Writers close files in hidden folders all the time; who names such a topic is told.
      if (scope.kind !== 'paths') problems.push(leftAlone(topic, settings));
      return false;
    }
    if (present?.includes(topic) === false) {
      problems.push({
        code: 'topic.failed',
        topic,
        message: `there is no folder for the topic ${topic} in ${settings.root}`,
      });
    } else if (rivals !== undefined) {
      problems.push({
        code: 'table.collision',
        topic,
        table,
        message: `the topics ${rivals.join(', ')} would all be the table ${table}: give them different names by the setting topics.<topic>.table`,
      });
    } else if (isGlob(topic)) {
      problems.push({
        code: 'path.glob',
        topic,
        table,
        message: `the topic ${JSON.stringify(topic)} gets no table: Hive takes * ? [ { \\ in its folder's name for a pattern, and answers with rows of other folders or fails`,
      });
    } else if (!/[a-z0-9]/.test(topicSettings(settings, topic).table)) {
      problems.push({
        code: 'table.name',
        topic,
        message: `no table name can be made from the topic ${JSON.stringify(topic)}: give one by the setting topics.<topic>.table`,
      });
    } else {
      return true;
    }
    return false;
  });
  return { topics: topics.map((topic) => topicSettings(settings, topic)), problems };
}

function leftAlone(topic: string, { exclude }: Settings): Problem {
  const reason = exclude.includes(topic) ? 'the setting exclude names it' : 'its name is that of a hidden folder';
  return { code: 'event.option', topic, message: `the topic ${topic} is left alone: ${reason}` };
}

async function presentTopics(hdfs: Folders, settings: Settings): Promise<string[]> {
  const present: string[] = [];
  try {
    for await (const { name, type } of hdfs.list(settings.root)) {
      if (type === 'DIRECTORY' && !isHiddenName(name) && !settings.exclude.includes(name)) present.push(name);
    }
  } catch (error) {
    if (!isError(error, 'hdfs.not_found')) throw error;
    const { root } = settings;
    const message = `there is no root folder ${root} in ${settings.hdfs.defaultFs}: create it, or name another by the setting root`;
    throw new LakewardenError('hdfs.not_found', message, { details: { root }, cause: error });
  }
  return present;
}
