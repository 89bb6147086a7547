import { allCommands, type WrittenCommand } from './written-commands.ts';

/** Tests that run commands of pages as they are written, each all that fit and that no earlier one takes. */
export const runners: Readonly<Record<string, RegExp>> = {
  // Asks make what it would do, and jest which tests it would run; what recipes run is what CI and people run.
  'test/unit/docs/make.test.ts': /^(?:export .*\n)?(?:(?:[A-Z]+=\S+ )*make |node .*jest\.js )/,
  'test/airflow/dag.test.ts': /^airflow (?:connections|variables) /,
  'test/kubernetes/guides.test.ts': /^(?:kubectl|mkdir) |^lakewarden scan --manifests rendered$/,
  'test/e2e/guides.test.ts': /^(?:lakewarden|cp|curl) |^webhdfs=|^FUNC_PORT=/,
};

/** A test that runs a command in a place of its own. */
export interface Elsewhere {
  readonly test: string;
  /** How the command stands there. */
  readonly words: string;
}

const lake = 'test/contract/lake-in-a-box.test.ts';

/** Commands that tests of their own run. */
export const elsewhere: Readonly<Record<string, Elsewhere>> = {
  'airflow dags test': { test: 'test/airflow/dag.test.ts', words: "airflow(['dags', 'test'," },
  'func deploy --path functions/metastore-sync/dist --registry registry.acme.test/lake': {
    test: 'test/kubernetes/func-deploy.test.ts',
    words: "const args = ['deploy',",
  },
  'lakewarden compact undo <file>': {
    test: 'test/e2e/compaction-hive.test.ts',
    words: "lakewarden(['compact', 'undo', merged,",
  },
  'lakewarden lake down': { test: lake, words: "runCommand('down')" },
  'lakewarden lake status': { test: lake, words: "runCommand('status')" },
  'lakewarden lake up': { test: lake, words: "runCommand('up'," },
  'lakewarden scan repair': {
    test: 'test/kubernetes/repair.test.ts',
    words: "lakewarden(['scan', 'repair', '--config', file,",
  },
  'lakewarden sync notifications': {
    test: 'test/e2e/notifications.test.ts',
    words: "lakewarden(['sync', 'notifications', '--config', config], { cwd })",
  },
  'lakewarden sync notifications [--since <id>] [--json]': {
    test: 'test/e2e/notifications.test.ts',
    words: "lakewarden(['sync', 'notifications', '--config', config, '--since', '0'],",
  },
  'node tools/dependencies.ts': { test: 'test/unit/tools/papers.test.ts', words: 'await renderDependencies()' },
  'npm install --global ./build/lakewarden-*.tgz': {
    test: 'test/e2e/packaged-cli.test.ts',
    words: "['install', '--global', '--offline',",
  },
  'unset LAKEWARDEN_TEST_LAKE\nlakewarden lake down': { test: lake, words: "runCommand('down')" },
};

/** Commands that nothing here can run, by how they begin, and why. */
export const beyond: Readonly<Record<string, string>> = {
  'argocd ': 'asks a running Argo CD',
  'export PATH="$PWD/node_modules/.bin:$PATH"\nnpm install': 'asks a registry for a package that the reader names',
  'flux ': 'asks a running Flux',
  'func build': 'builds an image, by a container engine',
  'hdfs dfs -count': 'wants a client of Hadoop, which no test has',
  'hdfs dfs -ls': 'names how a path is written',
  'kafka-topics.sh ': 'wants three brokers with TLS',
  'kn service update': 'wants Knative that runs pods, and its own program',
  'cd manifests/overlays/production\nkustomize edit': 'wants a digest of yours, and the program of that name',
  'kubectl apply': 'only named',
  'kubectl describe': 'only named',
  'node_image=gcr.io/distroless/nodejs24-debian13:nonroot\npodman build': 'wants a container engine and a registry',
  'podman push': 'wants a container engine and a registry',
  'wsk ': 'wants an OpenWhisk, and its own program',
};

/** Why nothing here can run a command. */
export function excuseOf({ line, isSpoken }: WrittenCommand): string | undefined {
  const [, excuse] =
    Object.entries(beyond).find(([beginning, why]) =>
      why === 'only named' ? isSpoken && line === beginning : line.startsWith(beginning),
    ) ?? [];
  return excuse;
}

/** The test that runs a command; `undefined` when nobody does. */
export function runnerOf(command: WrittenCommand): string | undefined {
  const other = elsewhere[command.line];
  if (other !== undefined) return other.test;
  if (excuseOf(command) !== undefined) return undefined;
  return Object.entries(runners).find(([, fits]) => fits.test(command.line))?.[0];
}

/** The commands that a test runs, in the order of pages. */
export function commandsFor(test: keyof typeof runners): WrittenCommand[] {
  return allCommands().filter((one) => !(one.line in elsewhere) && runnerOf(one) === test);
}
