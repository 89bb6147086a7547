// The direction of imports: functions -> shared, cli -> functions and shared, test and bench -> anything.
const pure = '^(functions/[^/]+/(plan|evaluate|fingerprint)\\.ts|shared/(lake|parquet|errors)/)';
export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-imports-no-function',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(functions|cli|demo|test|bench)/' },
    },
    {
      name: 'functions-import-only-shared',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^(cli|demo|test|bench)/' },
    },
    {
      name: 'no-function-imports-another',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/(?!$1/)' },
    },
    {
      name: 'pure-imports-no-client',
      severity: 'error',
      from: { path: pure },
      to: { path: '^shared/(hdfs|hive|kafka|host|observe|config|events)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-imports-no-node',
      severity: 'error',
      from: { path: pure },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|util|zlib)$' },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^(functions|shared)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs'],
    },
  },
};
