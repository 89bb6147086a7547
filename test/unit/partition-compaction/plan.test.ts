import { describe, expect, test } from '@jest/globals';
import { array, assert, constantFrom, nat, property, record } from 'fast-check';
import type { Policy } from '#functions/partition-compaction/config.ts';
import { planPartition } from '#functions/partition-compaction/plan.ts';
import type {
  FileAttributes,
  FileFacts,
  PartitionView,
  RewriteFacts,
  SeenFile,
} from '#functions/partition-compaction/view.ts';

const attributes: FileAttributes = {
  owner: 'connect',
  group: 'lake',
  permission: '644',
  acl: [],
  replication: 3,
  blockSize: 128 << 20,
  storagePolicy: 0,
};
const policy: Policy = {
  quietSeconds: 60,
  latePartitions: 1,
  minFiles: 3,
  targetBytes: 1_000_000,
  maxFiles: 100,
  maxRowGroups: 100,
  maxFooterBytes: 100_000,
  deepMerge: {
    swap: 'off',
    coldSeconds: 600,
    minRowGroups: 4,
    groupRows: 100_000,
    groupBytes: 1_000_000,
    codec: 'as found',
    maxBytes: 5_000_000,
    maxDeadShare: 1,
    handOver: false,
    schemaChange: 'same' as const,
    reclaimSeconds: 600,
  },
};

function seen(name: string, facts: Partial<FileFacts> = {}, file: Partial<SeenFile> = {}): SeenFile {
  const told = {
    key: 'k',
    rows: 10,
    rowGroups: 1,
    groupBytes: 500,
    manifestBytes: 0,
    otherBytes: 0,
    indexBytes: 30,
    footer: `f ${name}`,
    written: 1,
  };
  return {
    name,
    length: 1_000,
    modificationTime: 1_000,
    accessTime: 0,
    fileId: 16_000,
    candidate: { attributes, facts: { ...told, urlBytes: 80, ...facts } },
    ...file,
  };
}

function view(files: readonly SeenFile[], more: Partial<PartitionView> = {}): PartitionView {
  return {
    topic: 'clicks',
    path: '/golden/clicks/2019/09/01/00',
    policy,
    files,
    newest: 1_000,
    now: 3_600_000,
    urlBytes: 50_000,
    offsetsElsewhere: new Map(),
    unsettled: [],
    problems: [],
    ...more,
  };
}

const namesOf = (plan: ReturnType<typeof planPartition>): string[][] =>
  plan.merges.map(({ target, sources }) => [target, ...sources].map(({ name }) => name));

describe('what becomes one', () => {
  test('small files in the order of their names, whatever order they are listed in', () => {
    const files = ['c', 'a', 'b'].map((name) => seen(name));
    const plan = planPartition(view(files));
    expect(namesOf(plan)).toEqual([['a', 'b', 'c']]);
    expect(plan.merges[0]).toMatchObject({ bytes: 3_000, rows: 30, rowGroups: 3 });
    expect(planPartition(view(files.toReversed()))).toEqual(plan);
  });

  test('in a folder that is listed in parts, with the last one as the target, so that no torn listing misses rows', () => {
    const files = ['c', 'a', 'b'].map((name) => seen(name));
    expect(namesOf(planPartition(view(files, { isPaged: true })))).toEqual([['c', 'a', 'b']]);
    const offsets = (first: number): SeenFile => seen(`t+0+${first}+${first + 9}.parquet`);
    const kept = [...[10, 20, 30, 40].map(offsets), seen('a'), seen('x'), seen('y'), seen('z')];
    const [first, second] = namesOf(planPartition(view(kept, { isPaged: true })));
    expect(first).toEqual([40, 10, 20, 30].map((from) => offsets(from).name).toSpliced(1, 0, 'a'));
    expect(second).toEqual(['z', 'x', 'y']);
  });

  test('nothing below the fewest files that are worth it', () => {
    expect(planPartition(view([seen('a'), seen('b')])).merges).toEqual([]);
  });

  test('nothing in a folder that was written to lately', () => {
    const plan = planPartition(
      view(
        ['a', 'b', 'c'].map((name) => seen(name)),
        { newest: 3_599_000 },
      ),
    );
    expect(plan.merges).toEqual([]);
    expect(plan.problems).toMatchObject([{ code: 'partition.open', message: expect.stringContaining('wait 59 s') }]);
  });

  test.each<[string, Partial<FileAttributes>]>([
    ['owner', { owner: 'alice' }],
    ['group', { group: 'ops' }],
    ['mode', { permission: '600' }],
    ['ACL', { acl: ['user:alice:r--'] }],
    ['replication', { replication: 2 }],
    ['block size', { blockSize: 64 << 20 }],
    ['storage policy', { storagePolicy: 2 }],
  ])('never files that differ in %s', (_, other) => {
    const files = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) => {
      const file = seen(name);
      const { facts } = file.candidate as NonNullable<SeenFile['candidate']>;
      return index % 2 === 0 ? file : { ...file, candidate: { facts, attributes: { ...attributes, ...other } } };
    });
    expect(namesOf(planPartition(view(files)))).toEqual([
      ['a', 'c', 'e'],
      ['b', 'd', 'f'],
    ]);
  });

  test('of several schemas each for itself, which is told', () => {
    const files = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) => seen(name, { key: `k${index % 2}` }));
    const plan = planPartition(view(files));
    expect(namesOf(plan)).toEqual([
      ['a', 'c', 'e'],
      ['b', 'd', 'f'],
    ]);
    expect(plan.problems).toMatchObject([{ code: 'schema.several' }]);
  });

  test.each<[string, Partial<PartitionView>]>([
    ['bytes', { policy: { ...policy, targetBytes: 4_500 } }],
    ['files', { policy: { ...policy, maxFiles: 4 } }],
    ['row groups', { policy: { ...policy, maxRowGroups: 4 } }],
    ['bytes of the footer', { policy: { ...policy, maxFooterBytes: 2_300 } }],
    ['bytes of a request', { urlBytes: 330 }],
  ])('not more than the cap on %s allows', (_, more) => {
    const files = Array.from('abcdefgh', (name) => seen(name));
    expect(namesOf(planPartition(view(files, more)))).toEqual([
      ['a', 'b', 'c', 'd'],
      ['e', 'f', 'g', 'h'],
    ]);
  });

  test('the id follows from the files and changes with any of them', () => {
    const id = (file: SeenFile): string | undefined => planPartition(view([seen('a'), seen('b'), file])).merges[0]?.id;
    const ids = [
      id(seen('c')),
      id(seen('d')),
      id(seen('c', {}, { length: 999 })),
      id(seen('c', {}, { modificationTime: 999 })),
      id(seen('c', {}, { fileId: 999 })),
      id(seen('c', { footer: 'other' })),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(id(seen('c'))).toBe(ids[0]);
  });
});

describe('the highest offset of a Kafka partition stays in sight', () => {
  const connect = (partition: number, first: number, last: number): SeenFile =>
    seen(`clicks+${partition}+${first}+${last}.snappy.parquet`);
  const one = [connect(0, 0, 9), connect(0, 10, 19), connect(0, 20, 29), connect(0, 30, 39)];

  test('as the target', () => {
    expect(namesOf(planPartition(view(one)))[0]?.[0]).toBe('clicks+0+30+39.snappy.parquet');
  });

  test('of several partitions, the others are left alone and told', () => {
    const plan = planPartition(view([...one, connect(1, 0, 9), connect(1, 10, 19)]));
    expect(namesOf(plan)).toEqual([
      [
        'clicks+0+30+39.snappy.parquet',
        'clicks+0+0+9.snappy.parquet',
        'clicks+0+10+19.snappy.parquet',
        'clicks+0+20+29.snappy.parquet',
        'clicks+1+0+9.snappy.parquet',
      ],
    ]);
    expect(plan.problems).toMatchObject([{ code: 'file.kept', path: expect.stringContaining('clicks+1+10+19') }]);
  });

  test('and need not, when another folder has a higher one', () => {
    const offsetsElsewhere = new Map([
      ['clicks+0', 40n],
      ['clicks+1', 20n],
    ]);
    const plan = planPartition(view([...one, connect(1, 10, 19)], { offsetsElsewhere }));
    expect(namesOf(plan)[0]).toHaveLength(5);
    expect(plan.problems).toEqual([]);
  });

  test('and must, when another folder has the same one and might rely on this', () => {
    const offsetsElsewhere = new Map([['clicks+0', 39n]]);
    expect(namesOf(planPartition(view(one, { offsetsElsewhere })))[0]?.[0]).toBe('clicks+0+30+39.snappy.parquet');
  });

  test('also when the file that has it is large, or no candidate for another reason', () => {
    const large = { ...connect(0, 40, 99_999), candidate: undefined };
    const { candidate: _none, ...listed } = large;
    expect(namesOf(planPartition(view([...one, listed])))[0]?.[0]).toBe('clicks+0+0+9.snappy.parquet');
  });

  test('numbers are compared as numbers, whatever zeros stand before them', () => {
    const files = [connect(0, 0, 9), seen('clicks+0+0000000010+0000000099.parquet'), connect(0, 100, 109)];
    expect(namesOf(planPartition(view(files)))[0]?.[0]).toBe('clicks+0+100+109.snappy.parquet');
  });
});

const anyFile = record({
  length: nat(900_000),
  rowGroups: nat(30),
  groupBytes: nat(20_000),
  manifestBytes: nat(1_000),
  otherBytes: nat(50_000),
  urlBytes: nat(300),
  key: constantFrom('k0', 'k1'),
  partition: nat(2),
});

test('for any files: no cap is passed, no file is in two merges, and a second run finds nothing to do', () => {
  assert(
    property(array(anyFile, { maxLength: 60 }), nat(3), (files, few) => {
      const settings = { ...policy, minFiles: 2 + few, maxFiles: 20 };
      const listed = files.map(({ length, partition, ...facts }, index) =>
        seen(`t+${partition}+${index * 10}+${index * 10 + 9}.parquet`, facts, { length: length + 1 }),
      );
      const before = view(listed, { policy: settings, urlBytes: 3_000 });
      const plan = planPartition(before);
      const used = namesOf(plan).flat();
      expect(new Set(used).size).toBe(used.length);
      const byName = new Map(listed.map((file) => [file.name, file]));
      const merged = plan.merges.map(({ target, sources, bytes, tailBytes }): SeenFile => {
        const parts = [target, ...sources].map(({ name }) => byName.get(name)?.candidate?.facts as FileFacts);
        const sum = (of: (facts: FileFacts) => number): number => parts.reduce((total, part) => total + of(part), 0);
        expect(bytes).toBeLessThanOrEqual(settings.targetBytes);
        expect(parts.length).toBeGreaterThanOrEqual(settings.minFiles);
        const facts = {
          key: parts[0]?.key ?? '',
          rowGroups: sum(({ rowGroups }) => rowGroups),
          groupBytes: sum(({ groupBytes }) => groupBytes),
          manifestBytes: sum(({ manifestBytes }) => manifestBytes),
          otherBytes: Math.max(...parts.map(({ otherBytes }) => otherBytes)),
          written: sum(({ written }) => written),
          urlBytes: sum(({ urlBytes }) => urlBytes),
        };
        expect(facts.rowGroups).toBeLessThanOrEqual(settings.maxRowGroups);
        expect(facts.groupBytes + facts.manifestBytes + facts.otherBytes).toBeLessThanOrEqual(settings.maxFooterBytes);
        expect(facts.written).toBeLessThanOrEqual(settings.maxFiles);
        expect(facts.urlBytes).toBeLessThanOrEqual(3_000);
        return seen(target.name, facts, { length: bytes + tailBytes });
      });
      const after = [...listed.filter(({ name }) => !used.includes(name)), ...merged];
      const again = planPartition(view(after, { policy: settings, urlBytes: 3_000 }));
      expect(namesOf(again)).toEqual([]);
      // The highest offsets are still in sight.
      for (const partition of [0, 1, 2]) {
        const highest = (all: readonly SeenFile[]): number =>
          Math.max(...all.map(({ name }) => (name.startsWith(`t+${partition}+`) ? Number(name.split(/[+.]/)[3]) : -1)));
        expect(highest(after)).toBe(highest(listed));
      }
    }),
    { numRuns: 300 },
  );
});

describe('what is written anew', () => {
  const deep = (more: Partial<Policy['deepMerge']> = {}): Policy => ({
    ...policy,
    deepMerge: { ...policy.deepMerge, swap: 'rename', ...more },
  });
  const rewritable = (name: string, rewrite: Partial<RewriteFacts> = {}, file: Partial<SeenFile> = {}): SeenFile => {
    const { candidate, ...listed } = seen(name, { rowGroups: 10 });
    const facts = (candidate as NonNullable<typeof candidate>).facts;
    const told = { rowGroupsAfter: 2, deadBytes: 0, rewrittenAt: 0, ...rewrite };
    return { ...listed, rewritable: { attributes, facts, rewrite: told }, ...file };
  };
  const planOf = (
    files: readonly SeenFile[],
    more: Partial<Policy['deepMerge']> = {},
    of: Partial<PartitionView> = {},
  ) => planPartition(view(files, { policy: deep(more), ...of }));

  test('a file with many row groups of which few would be left, those first that lose most for each byte', () => {
    const files = [rewritable('a'), rewritable('b', {}, { length: 100 }), rewritable('c', { rowGroupsAfter: 1 })];
    const plan = planOf(files);
    expect(plan.rewrites.map(({ file, way, rowGroups }) => [file.name, way, rowGroups.after])).toEqual([
      ['b', 'rename', 2],
      ['c', 'rename', 1],
      ['a', 'rename', 2],
    ]);
    expect(planOf(files.toReversed())).toEqual(plan);
    expect(planOf(files, { swap: 'off' }).rewrites).toEqual([]);
  });

  test.each<[string, SeenFile, Partial<Policy['deepMerge']>]>([
    ['with few row groups', rewritable('a'), { minRowGroups: 11 }],
    ['of whose row groups more than half would be left', rewritable('a', { rowGroupsAfter: 6 }), {}],
    ['without rows', rewritable('a', { rowGroupsAfter: 0 }), {}],
    ['that was written anew and renamed', rewritable('a', { form: 'rewritten' }), {}],
    ['that was written anew behind its old bytes', rewritable('a', { form: 'swapped', deadBytes: 500 }), {}],
    ['in a folder that is not cold', rewritable('a'), { coldSeconds: 3_600 }],
  ])('no file %s', (_, file, more) => {
    expect(planOf([file], more)).toMatchObject({ rewrites: [], problems: [] });
  });

  test('no file that a merge of the same plan takes', () => {
    const files = ['a', 'b', 'c'].map((name) => ({ ...rewritable(name), ...seen(name) }));
    const plan = planOf([...files, rewritable('d')]);
    expect([namesOf(plan), plan.rewrites.map(({ file }) => file.name)]).toEqual([[['a', 'b', 'c']], ['d']]);
  });

  test('too large ones are told, and those that a CONCAT cannot name', () => {
    expect(planOf([rewritable('a')], { maxBytes: 999 })).toMatchObject({
      rewrites: [],
      problems: [{ code: 'file.too_big' }],
    });
    const path = '/golden/clicks/a,b';
    expect(planOf([rewritable('a')], { swap: 'concat' }, { path }).problems).toMatchObject([{ code: 'file.name' }]);
    expect(planOf([rewritable('a,b')], { swap: 'concat' })).toMatchObject({
      rewrites: [{ way: 'concat' }],
      problems: [],
    });
  });

  test('dead bytes by rename, when they are too many and were not left just now', () => {
    const old = { form: 'swapped', deadBytes: 600, rowGroupsAfter: 10 } as const;
    const ways = (more: Partial<RewriteFacts>, settings: Partial<Policy['deepMerge']>): string[] =>
      planOf([rewritable('a', { ...old, ...more })], { swap: 'concat', ...settings }).rewrites.map(({ way }) => way);
    expect(ways({}, { maxDeadShare: 0.5 })).toEqual(['rename']);
    expect(ways({}, { maxDeadShare: 0.6 })).toEqual([]);
    expect(ways({ rewrittenAt: 3_500_000 }, { maxDeadShare: 0.5 })).toEqual([]);
    expect(ways({ form: 'concat' }, { maxDeadShare: 0.5 })).toEqual(['rename']);
  });

  test('by an id that follows from the file and from how it is written', () => {
    const id = (file: SeenFile, more: Partial<Policy['deepMerge']> = {}) => planOf([file], more).rewrites[0]?.id;
    const ids = [
      id(rewritable('a')),
      id(rewritable('b')),
      id(rewritable('a', {}, { length: 999 })),
      id(rewritable('a', {}, { modificationTime: 999 })),
      id(rewritable('a', {}, { fileId: 999 })),
      id(rewritable('a'), { swap: 'concat' }),
      id(rewritable('a'), { groupRows: 5 }),
      id(rewritable('a'), { codec: 'zstd' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(id(rewritable('a', { rowGroupsAfter: 1 }))).toBe(ids[0]);
  });
});
