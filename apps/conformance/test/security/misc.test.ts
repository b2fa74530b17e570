import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'
import { createAuth, type Plugin } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { open, secret, v, w } from './support.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('start, packages, network', () => {
  it('FI-13 does not start when a plugin fails to, and says which', () => {
    const broken: Plugin<'broken-plugin'> = {
      id: 'broken-plugin',
      init() {
        throw new Error('no key')
      },
    }
    const start = () =>
      createAuth({ database: ':memory:', secret, baseURL: 'http://localhost:3000', env: {}, plugins: [broken] })
    expect(start).toThrow(/broken-plugin.*no key/)
    expect(start).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'PLUGIN_INIT' }))
  })

  it('does not start in production without a base URL where the preset is strict, and warns elsewhere', async () => {
    const options = { production: true, baseURL: undefined }
    await expect(open({ ...options, preset: 'strict' })).rejects.toMatchObject({ code: 'BASE_URL_MISSING' })
    const site = await open(options)
    expect(site.logged.filter((line) => /^warn: .*base URL/.test(line))).toHaveLength(1)
    await expect(open({ ...options, preset: 'strict', production: false })).resolves.toBeDefined()
  })

  it('TM-05 tells whether a user name is taken only where that is wanted', async () => {
    const on = await open({ plugins: [username()] })
    expect((await on.browser().post('/is-username-available', { username: 'ada' })).json).toEqual({ available: true })
    const off = await open({ plugins: [username({ availabilityCheck: false })] })
    expect((await off.browser().post('/is-username-available', { username: 'ada' })).status).toBe(404)
    expect('isUsernameAvailable' in off.auth.api).toBe(false)
  })

  it('LG-07 calls nobody', async () => {
    const called = vi.fn((): never => {
      throw new Error('a call to the network')
    })
    vi.stubGlobal('fetch', called)
    vi.spyOn(Socket.prototype, 'connect').mockImplementation(called)
    for (const telemetry of [undefined, { enabled: true, debug: true }]) {
      const site = await open({ telemetry, production: true, rateLimit: { enabled: false } }, { users: [v, w] })
      const caller = await site.signedIn()
      await caller.get('/get-session')
      await caller.get('/ok')
      await caller.get('/error?error=x')
      await caller.post('/update-user', { name: 'Changed' })
      await caller.post('/change-password', { currentPassword: v.password, newPassword: 'another-password' })
      await caller.post('/revoke-other-sessions')
      await caller.post('/sign-out')
      await site.auth.idle()
    }
    expect(called).not.toHaveBeenCalled()
  })

  it('SP-06 packs code, types and the papers that go with them, nothing else', async () => {
    const packages = new URL('../../../../packages/', import.meta.url)
    const allowed = [
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
      /^dist\/[\w./-]+\.(?:js|js\.map|d\.ts|d\.ts\.map)$/,
      /^src\/(?!.*(?:\.test\.|\.bench\.|\/testing\/|\/fixtures?\/|\/vectors\/))[\w./-]+\.tsx?$/,
    ]
    for (const folder of readdirSync(packages)) {
      const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: new URL(folder, packages),
      })
      const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[]
      const files = packed?.files.map(({ path }) => path) ?? []
      expect(files, folder).toContain('package.json')
      expect(files.some((path) => path.startsWith('src/'))).toBe(true)
      expect(
        files.filter((path) => !allowed.some((pattern) => pattern.test(path))),
        folder,
      ).toEqual([])
    }
  })
})
