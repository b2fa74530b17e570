/** What the log says of origins: to who develops, why one was refused; at the start, which checks are off. */
import type { Options } from '@keystile/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { origin, setup } from '../support.ts'

const evil = 'https://evil.example'

describe('the hint at a refusal', () => {
  /** The part of the hint that lists what is trusted. */
  async function trusted(options: Partial<Options>, from: string | null = evil) {
    const { browser, logged } = setup(options)
    logged.length = 0
    await browser().post('/sign-out', {}, { origin: from, cookie: 'a=b' })
    expect(logged).toHaveLength(1)
    return /; trusted are (.*?); /.exec(logged[0] ?? '')?.[1]
  }

  it('lists what is configured, without what is no origin', async () => {
    const trustedOrigins = [null, 'https://a.com', undefined, false, ''] as const
    expect(await trusted({ trustedOrigins })).toBe(`${origin}, https://a.com`)
    expect(await trusted({ trustedOrigins: () => trustedOrigins })).toBe(`${origin}, https://a.com`)
  })

  it('lists the own origin of a request where none is configured', async () => {
    const options = { baseURL: undefined, trustedOrigins: ['https://a.com'] }
    expect(await trusted(options)).toBe(`${origin}, https://a.com`)
  })

  it('lists what is known without a request where it names no origin', async () => {
    const trustedOrigins = () => ['https://a.com']
    expect(await trusted({ trustedOrigins }, null)).toBe(origin)
    expect(await trusted({ baseURL: undefined, trustedOrigins }, null)).toBe('none')
  })

  it('proposes an origin to add, where the URL has one', async () => {
    const { browser, logged } = setup()
    for (const [callbackURL, hint] of [
      ['//evil.com', 'use a path or a URL of one of them'],
      ['https://a.com/x?token=secret', "add it to createAuth: trustedOrigins: ['https://a.com']"],
    ] as const) {
      logged.length = 0
      await browser().post('/sign-out', { callbackURL })
      expect(logged).toEqual([expect.stringMatching(/^warn: INVALID_CALLBACK_URL: callbackURL /)])
      expect(logged[0]?.endsWith(`; ${hint}`)).toBe(true)
      expect(logged[0]).not.toContain('secret')
    }
  })
})

describe('a list that a function gives', () => {
  /** What a refusal logs with such a list, the errors with their messages. */
  async function logged(trustedOrigins: Options['trustedOrigins'], wait = 0) {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const lines: string[] = []
    const log = (level: string, message: string, ...more: unknown[]) =>
      lines.push([`${level}: ${message}`, ...more.map(String)].join(' '))
    const { browser } = setup({ trustedOrigins, logger: { log } })
    lines.length = 0
    const answer = browser().post('/sign-out', {}, { origin: evil, cookie: 'a=b' })
    if (wait > 0) await vi.advanceTimersByTimeAsync(wait)
    expect((await answer).status).toBe(403)
    expect(vi.getTimerCount()).toBe(0)
    return lines
  }
  const refusal = expect.stringContaining(`INVALID_ORIGIN: Origin ${evil} is not trusted; trusted are ${origin};`)
  const failed = 'error: trustedOrigins failed: no origin but our own is trusted'

  it('leaves no timer behind', async () => {
    expect(await logged(() => [])).toEqual([refusal])
  })

  it('is told of when it fails, or takes over a second, and trusts nobody then', async () => {
    const broken = () => Promise.reject(new Error('no database'))
    expect(await logged(broken)).toEqual([`${failed} Error: no database`, refusal])
    const late = () => new Promise<never>(() => {})
    expect(await logged(late, 1000)).toEqual([`${failed} Error: trustedOrigins took over a second`, refusal])
  })
})

describe('the checks that are off', () => {
  const logged = (advanced: Options['advanced']) => setup({ production: true, advanced }).logged

  it('are told of at the start in production, each by its name', () => {
    expect(logged({ disableCSRFCheck: true })).toContain('warn: advanced.disableCSRFCheck is on in production')
    for (const disableOriginCheck of [true, ['/sign-in']]) {
      expect(logged({ disableOriginCheck })).toContain('warn: advanced.disableOriginCheck is on in production')
    }
    const none = logged({ disableCSRFCheck: false, disableOriginCheck: [] })
    expect(none.filter((line) => /Check is on/.test(line))).toEqual([])
  })

  it('are off for every path of a list', async () => {
    const { browser } = setup({ advanced: { disableOriginCheck: ['/sign-in', '/sign-out'] } })
    expect((await browser().post('/sign-out', { callbackURL: evil })).status).toBe(200)
    expect((await browser().post('/sign-outs', { callbackURL: evil })).status).not.toBe(200)
  })
})
