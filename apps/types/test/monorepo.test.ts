import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Compiler, compile, compilers } from '../src/compilers.ts'

const here = dirname(import.meta.dirname)
const packages = join(here, '../../packages')
const fixture = join(here, 'fixtures/monorepo/packages')
const place = realpathSync(mkdtempSync(join(tmpdir(), 'keystile-types-')))
const store = join(place, 'node_modules/.pnpm')

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path, 'junction')
}

/** Each link below a `node_modules`, scopes opened. */
function linksIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => (name.startsWith('@') ? readdirSync(join(folder, name)).map((sub) => `${name}/${sub}`) : [name]))
}

const stored = (name: string) => join(store, `@keystile+${name}@0.0.0/node_modules/@keystile/${name}`)

/** A package as pnpm keeps it: what is published alone, and beside it what it depends on, nothing else in reach. */
function publish(name: string): void {
  const from = join(packages, name)
  mkdirSync(stored(name), { recursive: true })
  for (const part of ['package.json', 'dist']) cpSync(join(from, part), join(stored(name), part), { recursive: true })
  const beside = join(stored(name), '../..')
  for (const dependency of linksIn(join(from, 'node_modules'))) {
    const own = /^@keystile\/(.+)/.exec(dependency)?.[1]
    link(own ? stored(own) : realpathSync(join(from, 'node_modules', dependency)), join(beside, dependency))
  }
}

/** What each package of the app may import, and nothing else: `web` can name neither the core nor a plugin. */
const dependencies = {
  schemas: { valibot: join(packages, 'core/node_modules/valibot') },
  auth: {
    '@acme/schemas': join(place, 'packages/schemas'),
    '@keystile/core': stored('core'),
    '@keystile/plugins': stored('plugins'),
  },
  web: {
    '@acme/auth': join(place, 'packages/auth'),
    '@keystile/hono': stored('hono'),
    hono: join(packages, 'hono/node_modules/hono'),
  },
}
const references = { schemas: [], auth: ['schemas'], web: ['auth'] }

beforeAll(() => {
  for (const name of ['core', 'plugins', 'hono']) publish(name)
  cpSync(fixture, join(place, 'packages'), { recursive: true })
  for (const [name, wanted] of Object.entries(dependencies)) {
    const folder = join(place, 'packages', name)
    const types = './dist/index.d.ts'
    const manifest = { name: `@acme/${name}`, type: 'module', exports: { '.': { types, default: './dist/index.js' } } }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    for (const [dependency, target] of Object.entries(wanted)) link(target, join(folder, 'node_modules', dependency))
  }
})

afterAll(() => rmSync(place, { recursive: true }))

/** Builds the three packages by their references, from nothing, and gives the declarations of two of them. */
async function build(compiler: Compiler, resolution: Resolution): Promise<{ auth: string; web: string }> {
  const names = Object.keys(references) as (keyof typeof references)[]
  for (const name of names) {
    const folder = join(place, 'packages', name)
    const config = {
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023', 'DOM', 'DOM.Iterable'],
        ...resolutions[resolution],
        strict: true,
        skipLibCheck: true,
        types: [],
        composite: true,
        rootDir: 'src',
        outDir: 'dist',
      },
      include: ['src'],
      references: references[name].map((other) => ({ path: `../${other}` })),
    }
    for (const leftover of ['dist', 'tsconfig.tsbuildinfo'])
      rmSync(join(folder, leftover), { recursive: true, force: true })
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  }
  await compile(compiler, ['-b', 'packages/web'], place)
  const emitted = (name: string) => readFileSync(join(place, 'packages', name, 'dist/index.d.ts'), 'utf8')
  return { auth: emitted('auth'), web: emitted('web') }
}

const resolutions = {
  nodenext: { module: 'NodeNext' },
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
} as const
type Resolution = keyof typeof resolutions

describe.each(compilers.flatMap((compiler) => [[compiler, 'nodenext'] as const, [compiler, 'bundler'] as const]))(
  'a monorepo under TypeScript %s, %s',
  (compiler, resolution) => {
    let made: { auth: string; web: string }
    beforeAll(async () => {
      made = await build(compiler, resolution)
    })

    it('prints an auth as a line of names, with its fields as they were written', () => {
      const [bare, auth = ''] = made.auth.split('export declare const ').slice(1)
      expect(bare).toBe('bare: import("@keystile/core").Auth<readonly [], {}, {}>;\n')
      expect(auth.replaceAll(/\s+/g, ' ')).toBe(
        'auth: import("@keystile/core").Auth<readonly [import("@keystile/plugins/username").UsernamePlugin], ' +
          '{ readonly plan: { readonly type: readonly ["free", "pro"]; }; ' +
          'readonly phone: { readonly type: "string"; readonly validator: { ' +
          'readonly input: import("@keystile/core").FieldSchema<string, string>; }; }; }, ' +
          '{ readonly device: { readonly type: "string"; readonly required: false; }; }>; ' +
          'export type Session = typeof auth.$Infer.Session; ',
      )
    })

    it('names nothing that the package it stands in cannot import', () => {
      expect(packagesNamed(made.auth)).toEqual(['@keystile/core', '@keystile/plugins'])
      expect(packagesNamed(made.web)).toEqual(['@acme/auth', '@keystile/hono', 'hono'])
    })

    it('prints what is read as plain rows where the auth is used', () => {
      expect(made.web).toContain('gate: import("@keystile/hono").KeystileHono<{\n    user: {\n        id: string;')
      expect(made.web).toContain('plan: (session: Session) => "free" | "pro";')
      expect(made.web).toContain('people: (headers: Headers) => Promise<(string | null)[]>;')
    })
  },
)

/** The packages that a declaration imports from, sorted. */
function packagesNamed(declaration: string): string[] {
  const named = [...declaration.matchAll(/(?:from |import\()["']((?:@[^"'/]+\/)?[^"'/]+)/g)].map(
    ([, name = '']) => name,
  )
  return [...new Set(named)].sort()
}
