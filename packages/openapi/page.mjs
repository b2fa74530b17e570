// Bundles the page's script into a module that holds it as text, so that any runtime can serve it:
// `pnpm page` after a change of src/browser.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** @param {string} path */
const place = (path) => fileURLToPath(new URL(path, import.meta.url))

/** @returns {Promise<string>} the text of src/generated/script.ts */
export async function scriptModule() {
  const {
    outputFiles: [file],
  } = await build({
    entryPoints: [place('src/browser/page.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    legalComments: 'none',
  })
  // Within a script element this would end it.
  const text = (file?.text ?? '').trim().replaceAll('</', '<\\/')
  return `// Made of src/browser by page.mjs.\nexport const script = ${JSON.stringify(text)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(place('src/generated/script.ts'), await scriptModule())
}
