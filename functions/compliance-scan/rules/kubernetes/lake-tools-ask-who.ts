import { findLooseSetting } from './loose-settings.ts';
import { deploymentOf } from './pod-examples.ts';
import { definePodRule } from './pod-rule.ts';
import type { PodContainer } from './pod.ts';

/** No program of the lake is told by arguments or variables to let in people without asking who they are. */
export const lakeToolsAskWho = definePodRule({
  id: 'kubernetes-lake-tools-ask-who',
  title: "The lake's programs ask who somebody is",
  why: 'A notebook without a token, or Kafka that lets in everybody, gives its data and its rights to every pod and everybody who reaches it.',
  severity: 'high',
  area: 'identity',
  remedy: 'Remove the argument or variable, and set up the login of the program.',
  fine: 'no argument or variable lets people in without a login',
  container: (container) => findIn(container),
  examples: [
    {
      shows: 'a notebook with its token',
      given: deploymentOf({ image: 'jupyter/base', args: ['start-notebook.py'] }),
      status: 'pass',
    },
    {
      shows: 'a notebook without one',
      given: deploymentOf({ args: ['start-notebook.sh', "--NotebookApp.token=''"] }),
      status: 'fail',
    },
    {
      shows: 'Kafka in the clear',
      given: deploymentOf({ env: [{ name: 'ALLOW_PLAINTEXT_LISTENER', value: 'yes' }] }),
      status: 'fail',
    },
    {
      shows: 'Airflow with an open API, in a line of shell',
      given: deploymentOf({
        command: ['sh', '-c', 'AIRFLOW__API__AUTH_BACKENDS=airflow.api.auth.backend.default airflow webserver'],
      }),
      status: 'fail',
    },
  ],
});

function findIn({ name, role, command = [], args = [], env = [] }: PodContainer): string | undefined {
  // A shell gets many words in one argument; -c or --conf may stand before a setting.
  const words = [...(command ?? []), ...(args ?? [])].flatMap((text) => [
    text,
    ...text.slice(0, 10_000).split(/[\s;]+/),
  ]);
  const variables = (env ?? [])
    .filter(({ value }) => value !== undefined)
    .map((variable) => `${variable.name}=${variable.value}`);
  for (const text of [...words, ...variables]) {
    const found = findLooseSetting(text);
    // The name of the setting, never its value.
    if (found !== undefined)
      return `${role} ${name} runs ${found.program}, which ${found.means} (${text.split(/[=\s]/)[0] ?? ''})`;
  }
  return undefined;
}
