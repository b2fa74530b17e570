/** Asks an editor's language server for completions, and takes the time. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type ts5 from 'typescript-5'
import { type Compiler, tsc } from '../src/compilers.ts'

export interface Completion {
  readonly names: readonly string[]
  readonly milliseconds: number
}

/** What is offered behind `typed` at the end of an open file, after each of several edits. */
export async function completions(
  compiler: Compiler,
  file: string,
  typed: string,
  edits: number,
): Promise<Completion[]> {
  const text = readFileSync(file, 'utf8')
  const editor = compiler === '7.0' ? await nativeServer(file, text) : await languageService(compiler, file, text)
  const found: Completion[] = []
  // Each edit makes another program, as typing does.
  for (let edit = 0; edit < edits; edit++) {
    const edited = `${text}\nexport const edit${edit} = 0\n${typed}`
    const start = performance.now()
    const names = await editor.complete(edited)
    found.push({ names, milliseconds: performance.now() - start })
  }
  editor.close()
  return found
}

interface Editor {
  complete(text: string): Promise<string[]> | string[]
  close(): void
}

async function languageService(compiler: '5.9' | '6.0', file: string, text: string): Promise<Editor> {
  const ts: typeof ts5 = (await import(compiler === '5.9' ? 'typescript-5' : 'typescript-6')).default
  let version = 0
  let current = text
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
      module: ts.ModuleKind.NodeNext,
      strict: true,
      skipLibCheck: true,
      types: [],
    }),
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : '0'),
    getScriptSnapshot: (name) => {
      const content = name === file ? current : ts.sys.readFile(name)
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
    },
    getCurrentDirectory: () => process.cwd(),
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  })
  service.getProgram()
  return {
    complete(edited) {
      version++
      current = edited
      return service.getCompletionsAtPosition(file, edited.length, {})?.entries.map(({ name }) => name) ?? []
    },
    close: () => service.dispose(),
  }
}

/** The native compiler speaks the Language Server Protocol over its standard input and output. */
async function nativeServer(file: string, text: string): Promise<Editor> {
  const server = spawn(process.execPath, [tsc('7.0'), '--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = new Map<number, (result: unknown) => void>()
  let buffer = Buffer.alloc(0)
  server.stdout.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(buffer.subarray(0, Math.max(end, 0)).toString())?.[1])
      if (end === -1 || buffer.length < end + 4 + length) return
      const message = JSON.parse(buffer.subarray(end + 4, end + 4 + length).toString())
      buffer = buffer.subarray(end + 4 + length)
      if (message.method && message.id !== undefined)
        send({ id: message.id, result: message.method === 'workspace/configuration' ? [] : null })
      else if (message.id !== undefined) waiting.get(message.id)?.(message.result)
    }
  })
  const send = (message: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  let last = 0
  const ask = (method: string, params: object) =>
    new Promise<unknown>((resolve) => {
      waiting.set(++last, resolve)
      send({ id: last, method, params })
    })

  const uri = pathToFileURL(file).href
  await ask('initialize', { processId: process.pid, rootUri: null, capabilities: {} })
  send({ method: 'initialized', params: {} })
  send({
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'typescript', version: 0, text } },
  })
  await ask('textDocument/hover', { textDocument: { uri }, position: { line: 0, character: 10 } })
  let version = 0
  return {
    async complete(edited) {
      send({
        method: 'textDocument/didChange',
        params: { textDocument: { uri, version: ++version }, contentChanges: [{ text: edited }] },
      })
      const lines = edited.split('\n')
      const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }
      const answer = (await ask('textDocument/completion', { textDocument: { uri }, position })) as {
        items?: { label: string }[]
      } | null
      return answer?.items?.map(({ label }) => label) ?? []
    },
    close: () => server.kill(),
  }
}
