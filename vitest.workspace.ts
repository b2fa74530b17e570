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
  // No test waits for the clock. What takes long does so because the machine is slow, or does other things too.
  test: { name, include, environment: 'node', testTimeout: 300_000, hookTimeout: 300_000, ...test },
})

export default defineConfig({
  test: {
    projects: [
      project('core', ['packages/core/src/**/*.test.ts']),
      project('plugins', ['packages/plugins/{src,test}/**/*.test.ts']),
      // Replays of what Django recorded, on databases of their own.
      project('django', ['packages/django/{src,test}/**/*.test.ts']),
      // The document and its page, in a browser too.
      project('openapi', ['packages/openapi/{src,test}/**/*.test.ts']),
      project('adapters', ['packages/{node,express,fastify,hono,koa}/{src,test}/**/*.test.ts']),
      // The official client against a listening server.
      project('conformance', ['apps/conformance/test/**/*.test.ts'], {
        exclude: ['**/node_modules/**', 'apps/conformance/test/runtimes/**'],
      }),
      // Built code, on every runtime that npm carries.
      project('runtimes', ['apps/conformance/test/runtimes/**/*.test.ts'], {
        globalSetup: 'apps/conformance/test/runtimes/build.ts',
      }),
      // The short forms of the programmes that try to break it. They are work and no waiting: a busy machine takes longer.
      project('trials', ['apps/trials/{src,test}/**/*.test.ts']),
      // A request of each kind, of all that is measured.
      project('bench', ['apps/bench/test/**/*.test.ts']),
      project('docs', ['apps/docs/test/**/*.test.ts']),
      // What the built declarations say and cost, under three compilers.
      project('types', ['apps/types/test/**/*.test.ts'], {
        globalSetup: 'apps/types/test/build.ts',
      }),
      // A browser against the demo.
      project('demo', ['apps/demo/{src,test}/**/*.test.{ts,tsx}']),
      // Django itself, and two services beside it on one database.
      project('django-example', ['apps/django-example/{src,test}/**/*.test.ts']),
      // Packed tarballs, installed into an empty folder.
      project('packages', ['scripts/**/*.test.ts']),
    ],
  },
})
