import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { connectHeaders } from '../support/dead-letters.ts';
import { KafkaTopics } from '../support/kafka-topics.ts';
import { lake as addresses } from '../support/lake.ts';
import { repository } from '../support/manifests.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { readPage } from '../support/snippets.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writtenSettings } from '../support/sync-process.ts';
import { writeLetters } from '../support/triage-lake.ts';

const lake = useSyncLake();
const brokers = [addresses().kafka ?? ''];
const letters = `guides-${randomUUID()}`;
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-guides-'));
const topics = new KafkaTopics(brokers[0] ?? '');
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await topics.delete(letters);
  await topics.close();
});

/** A command of a guide as it is written, and the lines that the page shows below it. */
interface Step {
  readonly line: string;
  readonly shown: readonly string[];
}

/** Commands that this file does not run, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  'lakewarden compact undo': 'wants the folder of a merge; test/e2e/compaction.test.ts runs it',
  'lakewarden lake down': 'test/contract/lake-in-a-box.test.ts runs it',
  'lakewarden lake status': 'test/contract/lake-in-a-box.test.ts runs it',
  'lakewarden lake up': 'test/contract/lake-in-a-box.test.ts runs it',
  'lakewarden replay plan': 'wants a replay; test/e2e/replay-cli.test.ts runs it',
};

/** The pages, in the order in which people read them. */
const guides = ['docs/try.md', 'docs/operate.md'];

/** The commands of `lakewarden` on a page, in sentences, in blocks for a shell and behind prompts, in their order. */
function stepsOf(page: string): Step[] {
  return [...readPage(page).matchAll(/^```(\w*)\n(.*?)^```|`([^`\n]+)`/gms)]
    .flatMap(([, language, code = '', span]): Step[] => {
      if (span !== undefined) return [{ line: span, shown: [] }];
      if (language === 'sh') return code.split('\n').map((line) => ({ line: line.replace(/\s+#.*$/, ''), shown: [] }));
      const [prompt = '', ...shown] = code.trimEnd().split('\n');
      return prompt.startsWith('$ ') ? [{ line: prompt.slice(2), shown }] : [];
    })
    .map((step) => ({ ...step, line: step.line.replace(/^npx /, '') }))
    .filter(({ line }) => line.startsWith('lakewarden '));
}

/** Runs a line as a reader's shell would, with the programs of this repository on the PATH. */
function run(line: string): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: `${folder}/bin:/usr/bin:/bin` }, timeout: 60_000, maxBuffer: 1 << 26 };
    execFile('sh', ['-c', line], options, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }));
  });
}

/** A line of a page as this lake prints it: its own names, and any size. */
function asHere(line: string): RegExp {
  const text = line.replaceAll('default.', `${lake.database}.`).replaceAll('/golden', lake.root);
  const parts = text.split(/\d+(?:\.\d+)? k?B/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('[\\d.,]+ k?B')}$`, 'm');
}

beforeAll(async () => {
  await topics.create(letters, 1, {});
  const link = new KafkaLink({ brokers, deadlineMs: 15_000 });
  await writeLetters({ link }, [{ ...letter, topic: letters }]);
  await link.close();
  const { hdfs, ...sync } = writtenSettings(lake);
  mkdirSync(join(folder, 'settings'));
  const settings = {
    'metastore-sync': { hdfs, ...sync, kafka: { brokers } },
    'partition-compaction': { hdfs, root: lake.root, quietSeconds: 0, latePartitions: 0, minFiles: 2 },
    'dead-letter-triage': {
      topics: [letters],
      kafka: { brokers },
      state: { topic: `${letters}-state` },
      group: letters,
    },
    'compliance-scan': {
      sources: { hdfs: { connection: hdfs, roots: [{ name: 'golden', path: lake.root, depth: 5 }] } },
    },
  };
  // JSON is YAML.
  for (const [name, values] of Object.entries(settings))
    writeFileSync(join(folder, 'settings', `${name}.yaml`), JSON.stringify(values));
  mkdirSync(join(folder, 'bin'));
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  // The lake in a box needs no settings; the test's part of it does, of each function its own.
  write(
    'lakewarden',
    `case $1 in
      sync) export LAKEWARDEN_CONFIG=settings/metastore-sync.yaml ;;
      compact) export LAKEWARDEN_CONFIG=settings/partition-compaction.yaml ;;
      triage) export LAKEWARDEN_CONFIG=settings/dead-letter-triage.yaml ;;
      scan) export LAKEWARDEN_CONFIG=settings/compliance-scan.yaml ;;
      report) shift; set -- report --settings settings "$@" ;;
    esac
    exec '${process.execPath}' '${join(repository, 'cli/lakewarden.ts')}' "$@"`,
  );
});

const flight = { departure: 1_000_000n, delay: 5 };
const narrow = parquet({ departure: 'timestamp', delay: 'smallint' }, [flight]);
const wide = parquet({ departure: 'timestamp', delay: 'int', late: 'boolean' }, [{ ...flight, late: false }]);

const letter = { partition: 0, timestamp: 0n, key: null, value: Buffer.from('{}'), headers: connectHeaders() };

const put = (path: string, bytes: Uint8Array) => (): Promise<void> => lake.put(`flights/2001/01/${path}`, bytes);

/** What happens in the lake before a command, as the page tells it. */
const meanwhile: Readonly<Record<string, () => Promise<void>>> = {
  'lakewarden sync plan --full': put('01/00/part-0.snappy.parquet', narrow),
  'lakewarden sync plan': put('03/00/part-0.snappy.parquet', wide),
  'lakewarden compact plan --full': put('03/00/part-1.snappy.parquet', wide),
};

/** Commands whose exit code says that they found something: the folders of the test belong to a person, the wider column is not in the table yet. */
const finds: Readonly<Record<string, number>> = {
  'lakewarden scan': 1,
  'lakewarden sync doctor': 3,
  'lakewarden sync drift': 3,
};

const steps = guides.flatMap(stepsOf).filter(({ line }) => !(line in elsewhere));
const once = steps.filter(({ line }, index) => steps.findIndex((step) => step.line === line) === index);

test.each(once.map((step) => [step.line, step] as const))('%s does what its guide shows', async (line, { shown }) => {
  await meanwhile[line]?.();
  const { code, out, err } = await run(line);
  expect({ code, err }).toEqual({ code: finds[line] ?? 0, err });
  if (!line.includes('>')) expect(out).not.toBe('');
  for (const wanted of shown) if (wanted.trim() !== '…') expect(out).toMatch(asHere(wanted));
});

test('no command is excused that no guide has', () => {
  const lines = new Set(guides.flatMap(stepsOf).map(({ line }) => line));
  expect(Object.keys(elsewhere).filter((line) => !lines.has(line))).toEqual([]);
});
