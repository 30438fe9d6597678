/**
 * The import table of the architecture: which lib may open which door. Anything not listed is forbidden.
 * Levels are acyclic by construction; `no-circular` also sees cycles made of types alone.
 */
const table = {
  kernel: [],
  'pool-core': ['kernel'],
  config: ['kernel'],
  observability: ['kernel', 'config'],
  persistence: ['kernel', 'config', 'observability'],
  secrets: ['kernel', 'config', 'observability'],
  audit: ['kernel', 'config', 'observability', 'persistence', 'secrets'],
  'ai-provider': ['kernel', 'config', 'observability', 'persistence', 'secrets', 'audit'],
  'api-keys': ['kernel', 'config', 'observability', 'persistence', 'secrets', 'audit'],
  billing: ['kernel', 'config', 'observability', 'persistence', 'secrets', 'audit'],
  'provider-account-pool': [
    'kernel',
    'config',
    'observability',
    'persistence',
    'secrets',
    'audit',
    'pool-core',
    'ai-provider',
  ],
  'ai-routing': [
    'kernel',
    'config',
    'observability',
    'persistence',
    'audit',
    'ai-provider',
    'provider-account-pool',
    'billing',
  ],
};
const libs = Object.keys(table);
const either = (names) => `^libs/(${names.join('|')})/`;
const spec = '\\.spec\\.ts$';

const importTable = Object.entries(table).map(([lib, allowed]) => ({
  name: `${lib}-imports-only-its-row`,
  severity: 'error',
  from: { path: `^libs/${lib}/` },
  to: { path: '^(libs|apps|test|migrations)/', pathNot: [either([lib, ...allowed]), '^test/support/'] },
}));

export default {
  forbidden: [
    ...importTable,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-through-the-door',
      comment: 'A lib is entered through src/index.ts alone.',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/', pathNot: ['^libs/$2/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'pool-core-is-pure',
      severity: 'error',
      from: { path: '^libs/(pool-core|kernel)/', pathNot: [spec, '\\.fixture\\.ts$'] },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    {
      name: 'typeorm-only-in-persistence',
      severity: 'error',
      from: { path: '^libs/', pathNot: ['^libs/persistence/', '/persistence/', '\\.module\\.ts$', spec] },
      to: { path: 'node_modules/(typeorm|pg)/' },
    },
    {
      name: 'gateway-does-not-see-the-core',
      severity: 'error',
      from: { path: '^apps/gateway/' },
      to: { path: '^libs/pool-core/' },
    },
    {
      name: 'simulator-shares-no-parser',
      severity: 'error',
      from: { path: '^apps/provider-simulator/', pathNot: spec },
      to: { path: '^(libs|apps)/', pathNot: ['^libs/kernel/', '^apps/provider-simulator/'] },
    },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['pool-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
