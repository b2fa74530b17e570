import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

// Workspace packages resolve to their TypeScript sources, so no test depends on a build.
// Setting `conditions` replaces Vite's own list: the rest of it is repeated here.
const conditions = ['@keystile/source', 'module', 'node', 'development|production']

/** One project, of which workspace packages are read as sources. */
export const project = (
  name: string,
  include: string[],
  test: Omit<NonNullable<TestProjectInlineConfiguration['test']>, 'name'> = {},
): TestProjectInlineConfiguration => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@keystile/source', 'node', 'module-sync'] } },
  // No test waits for the clock: what takes long does so because the machine does other things too.
  test: { name, include, environment: 'node', testTimeout: 60_000, hookTimeout: 60_000, ...test },
})

export default defineConfig({
  test: {
    projects: [
      project('core', ['packages/core/src/**/*.test.ts']),
      project('plugins', ['packages/plugins/{src,test}/**/*.test.ts']),
      // Replays of what Django recorded, on databases of their own.
      project('django', ['packages/django/{src,test}/**/*.test.ts'], { testTimeout: 30_000, hookTimeout: 60_000 }),
      // The document and its page, in a browser too.
      project('openapi', ['packages/openapi/{src,test}/**/*.test.ts'], { testTimeout: 30_000, hookTimeout: 60_000 }),
      project('adapters', ['packages/{node,express,fastify,hono,koa}/{src,test}/**/*.test.ts']),
      // The official client against a listening server.
      project('conformance', ['apps/conformance/test/**/*.test.ts'], {
        exclude: ['**/node_modules/**', 'apps/conformance/test/runtimes/**'],
      }),
      // Built code, on every runtime that npm carries.
      project('runtimes', ['apps/conformance/test/runtimes/**/*.test.ts'], {
        globalSetup: 'apps/conformance/test/runtimes/build.ts',
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      // The short forms of the programmes that try to break it. They are work and no waiting: a busy machine takes longer.
      project('trials', ['apps/trials/{src,test}/**/*.test.ts'], { testTimeout: 300_000, hookTimeout: 300_000 }),
      // A request of each kind, of all that is measured.
      project('bench', ['apps/bench/test/**/*.test.ts']),
      project('docs', ['apps/docs/test/**/*.test.ts']),
      // What the built declarations say and cost, under three compilers.
      project('types', ['apps/types/test/**/*.test.ts'], {
        globalSetup: 'apps/types/test/build.ts',
        testTimeout: 120_000,
        hookTimeout: 120_000,
      }),
      // A browser against the demo.
      project('demo', ['apps/demo/{src,test}/**/*.test.{ts,tsx}'], { testTimeout: 60_000, hookTimeout: 120_000 }),
      // Django itself, and two services beside it on one database.
      project('django-example', ['apps/django-example/{src,test}/**/*.test.ts'], {
        testTimeout: 120_000,
        hookTimeout: 120_000,
      }),
      // Packed tarballs, installed into an empty folder.
      project('packages', ['scripts/**/*.test.ts'], { testTimeout: 180_000, hookTimeout: 300_000 }),
    ],
  },
})
