// `lint` tells, `format` also writes.
import { program, run, say } from './run.mjs'

const write = process.argv[2] === 'format' ? ['--write'] : []
const { ok } = await run(process.execPath, [program('@biomejs/biome', 'biome'), 'check', ...write, '.'], { show: true })
say(ok ? 'lint and format are clean' : 'lint or format FAILED: `npm run format` mends most of it')
process.exitCode = ok ? 0 : 1
