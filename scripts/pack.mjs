// Packs every package that is to be published: `npm run pack [-- folder]`, into artifacts/ unless told otherwise.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pnpmHome, program, readJson, root, run, say } from './run.mjs'

const target = resolve(process.argv[3] ?? join(root, 'artifacts'))
mkdirSync(target, { recursive: true })
for (const name of readdirSync(target)) {
  if (name.endsWith('.tgz')) rmSync(join(target, name))
}

for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name)
  if (readJson(join(folder, 'package.json')).private) continue
  const pnpm = program('pnpm', 'pnpm', pnpmHome)
  // pnpm, not npm: it writes real versions where the workspace has `workspace:` ranges.
  const { ok, output } = await run(process.execPath, [pnpm, 'pack', '--pack-destination', target], { cwd: folder })
  if (!ok) {
    say(`packing ${name} FAILED\n\n${output}`)
    process.exit(1)
  }
}

for (const name of readdirSync(target).sort()) process.stdout.write(`${join(target, name)}\n`)
say('packed; install them with `npm install <path>.tgz …`')
