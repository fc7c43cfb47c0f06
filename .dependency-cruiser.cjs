/**
 * Who may import whom (docs/architecture.md). A layer lists what it may use of ours; everything else is refused.
 * A field of one domain on another's type is a resolver in the domain that depends.
 */
const layers = {
  'connectors/spi': [],
  platform: [],
  access: ['platform'],
  operations: ['platform'],
  review: ['platform'],
  sync: ['platform', 'connectors/spi'],
  customer: ['platform', 'review', 'sync'],
  inventory: ['platform', 'review', 'sync', 'connectors/spi'],
  order: ['platform', 'customer', 'inventory', 'sync'],
  aftersales: ['platform', 'customer', 'inventory', 'order', 'sync'],
  routing: ['platform', 'inventory', 'order', 'review', 'sync', 'connectors/spi'],
  assist: ['platform', 'customer', 'inventory', 'order', 'aftersales', 'sync'],
  webhooks: ['platform', 'inventory', 'routing'],
  graph: ['platform'],
};
const pathOf = (layer) => (layer.startsWith('connectors/') ? `^${layer}/` : `^src/${layer}/`);

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...Object.entries(layers).map(([layer, may]) => ({
      name: `${layer.replace('/', '-')}-imports`,
      comment: `${layer} may use ${may.length > 0 ? may.join(', ') : 'nothing'} of ours`,
      severity: 'error',
      from: { path: pathOf(layer) },
      to: { path: '^(src|connectors)/', pathNot: [layer, ...may].map(pathOf) },
    })),
    {
      name: 'connectors-import-only-the-contract',
      severity: 'error',
      from: { path: '^connectors/([^/]+)/', pathNot: '^connectors/spi/' },
      to: { path: '^(src|connectors)/', pathNot: ['^connectors/spi/', '^connectors/$1/'] },
    },
    {
      name: 'only-the-composition-root-knows-connectors',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/[^/]+\\.ts$' },
      to: { path: '^connectors/', pathNot: '^connectors/spi/' },
    },
    {
      name: 'domains-are-entered-by-their-index',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: {
        path: '^src/(customer|order|aftersales|assist|inventory|routing|operations|review|sync|webhooks)/',
        pathNot: ['^src/$1/', '/index\\.ts$'],
      },
    },
    ...['inventory/model', 'customer/identity', 'routing/decide'].map((room) => ({
      name: `${room.replace('/', '-')}-is-pure`,
      comment: `${room} is pure: it imports nothing of ours but itself, and no module of the platform but node:crypto`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { pathNot: [`^src/${room}/`, 'node_modules', '^crypto$', '^node:crypto$'] },
    })),
    {
      name: 'decisions-know-no-database',
      comment: 'commit -> decide, lock; decide -> steps; lock -> steps, connection; steps -> state',
      severity: 'error',
      from: { path: '^src/inventory/engine/(decide|steps|state)/' },
      to: {
        path: ['^src/inventory/engine/(lock|commit|connection)/', '^src/platform/database/database\\.ts$'],
      },
    },
    {
      name: 'steps-know-no-decisions',
      severity: 'error',
      from: { path: '^src/inventory/engine/(steps|state)/' },
      to: { path: '^src/inventory/engine/decide/' },
    },
    {
      name: 'locks-know-no-decisions',
      severity: 'error',
      from: { path: '^src/inventory/engine/(lock|connection)/' },
      to: { path: '^src/inventory/engine/(decide|commit)/' },
    },
    {
      name: 'modules-are-for-the-composition-root',
      comment: 'others take the types of what a module provides, from its index',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/[^/]+\\.ts$' },
      to: { path: '\\.module\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-commands',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-packages-at-run-time',
      severity: 'error',
      from: { path: '^(src|connectors)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    exclude: { path: '^client/live-atp/gql/' }, // generated; what it imports are types of a package without code
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node'],
    },
  },
};
