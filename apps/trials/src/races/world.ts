/** A user with sessions on two devices, and what a device sends and gets. */
import { createHash, createHmac } from 'node:crypto'
import { createAuth, type Options } from '@keystile/core'
import { seeded } from '../random.ts'

const origin = 'http://localhost:3000'
const secret = 'keystile-test-secret-0123456789abcdef0123456789'
const cookieName = 'better-auth.session_token'

export const passwords = { old: 'password123', new: 'password456' }

export type Device = 'a' | 'b'

export interface Answer {
  readonly status: number
  readonly json: unknown
  /** The session's cookie that was set, ready to be sent; `undefined` where there was none, or it was expired. */
  readonly cookie: string | undefined
}

export interface Sent {
  readonly path: string
  /** Goes out as JSON, with POST. */
  readonly body?: object | undefined
  readonly cookie?: string | undefined
}

/** What rows there are, beside the plain ones, and what is done around a write. */
export interface Kind {
  readonly name: string
  /** Tokens rest in clear, as in a database that was moved here. */
  readonly clear?: boolean
  /** Hooks stand around the writes of sessions: rows are then removed one by one. */
  readonly hooked?: boolean
  /** The password rests as bcrypt: a sign-in brings it up to date. */
  readonly older?: boolean
}

export const plain: Kind = { name: 'plain rows' }

export interface World {
  readonly auth: RaceAuth
  readonly email: string
  /** Of nobody yet. */
  readonly freeEmail: string
  /** The session of each device, as it is sent. */
  readonly cookies: Readonly<Record<Device, string>>
  /** What b's session is called in a list. */
  readonly handle: string
}

export type RaceAuth = ReturnType<typeof makeAuth>

/** The cost of argon2 is no part of an order. */
const quick = {
  hash: async (password: string) => `quick:${password}`,
  verify: async ({ hash, password }: { readonly hash: string; readonly password: string }) =>
    hash === `quick:${password}`,
}
/** Of the old password, at the least cost. */
const bcrypt = '$2b$04$oFRPE/iV7eSp3K4o/5keKOAfs6IRFBchaoiCoXQpw5xd/cmw/E9pS'

/** Every read of a session is due to refresh it, once the clock has moved. */
export function makeAuth(
  database: Options['database'],
  options: Pick<Options, 'clock' | 'random'> = {},
  { hooked, older }: Kind = plain,
) {
  const around = { before: () => undefined, after: () => undefined }
  const session = { create: around, update: around, delete: around }
  return createAuth({
    database,
    secret,
    baseURL: origin,
    env: {},
    production: false,
    logger: { disabled: true },
    session: { updateAge: 0 },
    emailAndPassword: { enabled: true, ...(older ? {} : { password: quick }) },
    ...options,
    ...(hooked ? { databaseHooks: { session } } : {}),
  })
}

/** Time and randomness that are the same in every play. */
export function sameEachTime() {
  const random = seeded(1)
  const clock = { now: Date.UTC(2026, 0, 1) }
  return {
    clock,
    options: {
      clock: () => clock.now,
      random: (size: number) => Uint8Array.from({ length: size }, () => random() * 256),
    },
  }
}

export async function send(auth: Pick<RaceAuth, 'handler'>, { path, body, cookie }: Sent): Promise<Answer> {
  const headers = new Headers(body ? { 'content-type': 'application/json', origin } : {})
  if (cookie) headers.set('cookie', cookie)
  const sent = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
  const answer = await auth.handler(new Request(`${origin}/api/auth${path}`, sent))
  const text = await answer.text()
  const set = answer.headers.getSetCookie().findLast((line) => line.startsWith(`${cookieName}=`))
  return {
    status: answer.status,
    json: text && JSON.parse(text),
    cookie: set?.includes('Max-Age=0') ? undefined : set?.split(';')[0],
  }
}

/** Signs a user up on one device and in on another. */
export async function makeWorld(auth: RaceAuth, kind: Kind, name = 'ada'): Promise<World> {
  const email = `${name}@example.com`
  const opened = {
    a: await send(auth, { path: '/sign-up/email', body: { name, email, password: passwords.old } }),
    b: await send(auth, { path: '/sign-in/email', body: { email, password: passwords.old } }),
  }
  const { store, tables, clock } = await auth.$context
  const session = async (device: Device) => {
    const { token } = opened[device].json as { token: string }
    const { cookie } = opened[device]
    if (!cookie) throw new Error(`no session on device ${device}: ${opened[device].status}`)
    if (!kind.clear) return { cookie, handle: hashed(token) }
    const older = createHash('sha256').update(token).digest('hex').slice(0, 32)
    await store.update(tables.session, { token: hashed(token) }, { token: older })
    return { cookie: `${cookieName}=${signed(older)}`, handle: hashed(older) }
  }
  const now = new Date(clock())
  const expiresAt = new Date(clock() + 3_600_000)
  await store.insert(tables.verification, { identifier: email, value: '', expiresAt, createdAt: now, updatedAt: now })
  if (kind.older) await store.updateAll(tables.account, {}, { password: bcrypt })
  const [a, b] = [await session('a'), await session('b')]
  return { auth, email, freeEmail: `free-${email}`, cookies: { a: a.cookie, b: b.cookie }, handle: b.handle }
}

/** Leaves no rows of any world. */
export async function clear(auth: RaceAuth): Promise<void> {
  const { store, tables } = await auth.$context
  await store.remove(tables.session, {})
  await store.remove(tables.user, {})
  await store.remove(tables.verification, {})
}

/** Whether a cookie is that of a live session; nothing is refreshed. */
export async function isLive(auth: RaceAuth, cookie: string): Promise<boolean> {
  return (await send(auth, { path: '/get-session?disableRefresh=1', cookie })).json !== null
}

const hashed = (token: string) => `h1.${createHash('sha256').update(token).digest('base64url')}`
const signed = (value: string) =>
  encodeURIComponent(`${value}.${createHmac('sha256', secret).update(value).digest('base64')}`)
