// The rules of the architecture that a compiler cannot see. Type imports count (`tsPreCompilationDeps`).

const CORE = '^packages/core/src'

// The floors of the core, from the top down: a file imports from its own floor and those above it.
const FLOORS = [
  ['lib', `${CORE}/lib/`],
  ['store', `${CORE}/store/`],
  ['domain', `${CORE}/domain/`],
  ['contract', `${CORE}/contract/`],
  ['parts', `${CORE}/parts/`],
  ['http', `${CORE}/http/`],
  ['auth.ts', `${CORE}/auth\\.ts$`],
  ['index.ts', `${CORE}/index\\.ts$`],
]

// Tests may reach across: they check a file together with what it serves.
const TEST = '(\\.(test|bench)\\.tsx?$|/(test|testing)/)'

const floors = FLOORS.slice(0, -1).map(([name, path], index) => ({
  name: `floor-of-${name}`,
  comment: `${name} is above what it imports here: only its own floor and those above it are open to it.`,
  severity: 'error',
  from: { path, pathNot: TEST },
  to: { path: FLOORS.slice(index + 1).map(([, below]) => below) },
}))

module.exports = {
  forbidden: [
    ...floors,
    {
      name: 'parts-are-siblings',
      comment:
        'Endpoints, schemes, providers and logins are values of their own; what two of them share lies in parts/ beside them.',
      severity: 'error',
      from: { path: `${CORE}/parts/([^/]+/[^/]+?)(\\.ts$|/)`, pathNot: TEST },
      to: { path: `${CORE}/parts/(endpoints|schemes|providers|logins)/`, pathNot: `${CORE}/parts/$1(\\.ts$|/)` },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'packages-by-name',
      comment:
        "A package is used through its exports, never by a path into its src; a test may share another's test kit.",
      severity: 'error',
      from: { path: '^(packages|apps)/([^/]+)/' },
      to: { path: '^(packages|apps)/[^/]+/src/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'dependencies-flow-to-core',
      comment: 'apps use adapters and plugins, these use core; nothing flows back.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: TEST },
      to: { path: '^packages/(?!core/)|(^|/)@keystile/(?!core)' },
    },
    {
      name: 'adapters-stand-alone',
      comment: 'Adapters share the Node bridge and nothing else.',
      severity: 'error',
      from: { path: '^packages/(express|fastify|hono|koa|openapi|plugins)/src/', pathNot: TEST },
      to: { path: '^packages/(express|fastify|hono|koa|openapi|plugins)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'bridge-knows-no-framework',
      severity: 'error',
      from: { path: '^packages/(node|openapi|plugins)/src/', pathNot: TEST },
      to: {
        path: [
          '^packages/(express|fastify|hono|koa)/',
          '(^|/)(express|fastify|hono|koa|@hono)/',
          '^(express|fastify|hono|koa)$',
        ],
      },
    },
    {
      name: 'core-knows-no-framework',
      comment: "Of Hono the core takes the router alone; its application class has the protocol's answers wrong.",
      severity: 'error',
      from: { path: `${CORE}/`, pathNot: TEST },
      to: {
        path: '(^|/)(express|hono|@hono|koa|fastify)(/|$)',
        pathNot: [
          '(^|/)hono/(dist/)?(types/)?router/',
          '(^|/)hono/(dist/)?(types/)?router\\.(js|d\\.ts)$',
          '^packages/core/',
        ],
      },
    },
    {
      name: 'core-has-no-node',
      comment: 'The core runs on any Fetch runtime: node: is for *.node.ts files and for what is loaded on first use.',
      severity: 'error',
      from: { path: `${CORE}/`, pathNot: [TEST, '\\.node\\.ts$'] },
      to: { dependencyTypes: ['core'], dynamic: false },
    },
    {
      name: 'no-tests-in-code',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: TEST },
      to: { path: TEST, pathNot: 'node_modules' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependencies-in-code',
      comment: 'What runs for a user must be in dependencies or peerDependencies.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: TEST },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages|apps)/[^/]+/(dist|fixtures)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@keystile/source', 'import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.d.ts'],
    },
  },
}
