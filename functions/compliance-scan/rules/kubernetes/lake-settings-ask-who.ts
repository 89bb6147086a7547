import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { findLooseSetting } from './loose-settings.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Bounded and without choices, so that no text makes it slow: everybody who may write a ConfigMap writes it. */
const property = /<name>([^<]{1,300})<\/name>\s{0,300}<value>([^<]{0,300})<\/value>/g;

/** No file of settings tells a program of the lake to let in people without asking who they are. */
export const lakeSettingsAskWho = defineRule<KubernetesObject>({
  id: 'kubernetes-lake-settings-ask-who',
  version: 1,
  title: "The settings of the lake's programs ask who somebody is",
  why: 'One line in a ConfigMap opens Trino, Spark, Kafka or Hive to everybody who reaches them, and no list of ports shows it.',
  area: 'identity',
  severity: 'high',
  kinds: ['kubernetes.ConfigMap'],
  remedy: 'Remove the line, and set up the login of the program.',
  judge(resource) {
    const { data } = resource.body as ConfigMap;
    const name = nameResource(resource);
    const found: { file: string; setting: string; program: string; means: string }[] = [];
    for (const [file, text] of Object.entries(data ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      for (const line of linesOf(file, text)) {
        const loose = findLooseSetting(line);
        if (loose !== undefined)
          found.push({ file, setting: line.split(/[=\s]/)[0] ?? '', program: loose.program, means: loose.means });
      }
    const plain = trinoInTheClear(data?.['config.properties']);
    if (plain)
      found.push({
        file: 'config.properties',
        setting: 'http-server.http.enabled',
        program: 'Trino',
        means: 'speaks in the clear and asks nobody for a password',
      });
    const [first] = found;
    if (first === undefined)
      return { status: 'pass', reason: `${name} lets nobody in without a login, as far as we know its settings` };
    return {
      status: 'fail',
      reason: `${name}: ${first.program} ${first.means} (${first.setting} in ${first.file})`,
      evidence: { settings: found.map(({ file, setting }) => `${file}: ${setting}`) },
    };
  },
  examples: [
    {
      shows: 'Trino with passwords over TLS',
      given: configMapOf(
        'config.properties',
        'coordinator=true\nhttp-server.https.enabled=true\nhttp-server.authentication.type=PASSWORD',
      ),
      status: 'pass',
    },
    {
      shows: 'Trino in the clear',
      given: configMapOf('config.properties', 'coordinator=true\nhttp-server.http.port=8080'),
      status: 'fail',
    },
    {
      shows: 'Hive that believes every name',
      given: configMapOf(
        'hive-site.xml',
        '<property><name>hive.server2.authentication</name><value>NONE</value></property>',
      ),
      status: 'fail',
    },
    {
      shows: 'a line that is commented out',
      given: configMapOf('server.properties', '# allow.everyone.if.no.acl.found=true'),
      status: 'pass',
    },
  ],
});

/** Lines of properties, INI and YAML, and properties of Hadoop's XML, as `name=value`. */
function* linesOf(file: string, text: string): Generator<string> {
  yield `${file}=${text}`;
  if (text.includes('<property>'))
    for (const [, key = '', value = ''] of text.matchAll(property)) yield `${key.trim()}=${value.trim()}`;
  for (const line of text.split('\n')) if (!/^\s*[#;!]/.test(line)) yield line.replace(/^(\s*[\w.-]+)\s*:\s+/, '$1=');
}

/** A coordinator without a login, or with one that nobody can trust, since passwords need TLS. */
function trinoInTheClear(text: string | undefined): boolean {
  if (text === undefined || !/^[ \t]*coordinator[ \t]*=[ \t]*true/m.test(text)) return false;
  const login = /^[ \t]*http-server\.authentication\.type[ \t]*=[ \t]*\S/m.test(text);
  const tls = /^[ \t]*http-server\.(?:https\.enabled|process-forwarded)[ \t]*=[ \t]*true/m.test(text);
  return !login || !tls;
}

function configMapOf(file: string, text: string) {
  return objectOf('kubernetes.ConfigMap', 'settings', { data: { [file]: text } }, 'lake');
}
