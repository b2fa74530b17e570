/** Where an auth instance answers in a host, and the mistakes of mounting, each named with its fix. */
import type { Mountable } from '../contract/auth.ts'
import { ConfigError } from '../lib/errors.ts'
import { slotOf } from '../lib/slot.ts'
import { mountFailure } from './failure.ts'

/** The raw path of a URL or of a request target: nothing decoded, no query. */
export function pathOf(url: string): string {
  const query = url.indexOf('?')
  const whole = query === -1 ? url : url.slice(0, query)
  if (whole.startsWith('/')) return whole
  const start = whole.indexOf('/', whole.indexOf('://') + 3)
  return start === -1 ? '/' : whole.slice(start)
}

/** True for the base path itself and what is below it; `/api/authx` is not under `/api/auth`. All is under the empty one. */
export function isUnder(basePath: string, path: string): boolean {
  return path === basePath || path.startsWith(`${basePath}/`)
}

/** Whether a request is for what is mounted: its path is one of it, where it can tell, else it is below its base path. */
export function isOwn(auth: Mountable, path: string): boolean {
  const own = auth.owns ? auth.owns(path) : isUnder(auth.basePath, path)
  if (own && auth === awaited) awaited = undefined
  return own
}

/** Whose requests are looked out for. */
let awaited: Mountable | undefined
let looking: Promise<unknown> = Promise.resolve()

/** Whether a request for what is mounted comes to its middleware while something runs, which is alone in this. */
export function ownSeen(auth: Mountable, run: () => Promise<void>): Promise<boolean> {
  const look = async () => {
    awaited = auth
    await run()
    const seen = awaited === undefined
    awaited = undefined
    return seen
  }
  const result = looking.then(look)
  looking = result.catch(() => {})
  return result
}

/** The part of a route's pattern that is the same for all its requests: `/app` of `/app/*` and of `/app/:id`. */
export const staticPrefix = (pattern: string): string => pattern.replace(/\/?[:*].*$|\/$/, '')

/** Throws `KEYSTILE_NO_AUTH` unless `auth` is an auth instance. */
export function checkAuth(auth: Mountable): void {
  if (typeof auth?.handler === 'function' && typeof auth.readSession === 'function') return
  throw mistake(
    'KEYSTILE_NO_AUTH',
    'keystile() was not given an auth instance',
    [auth === null ? 'null' : typeof auth, 'an auth instance'],
    'pass what createAuth(…) returned',
  )
}

/** At start: throws `KEYSTILE_WRONG_MOUNT` where no request below `prefix` can be one for the auth's base path. */
export function checkMount(prefix: string, { basePath }: Mountable): void {
  if (!reaches(prefix, basePath)) throw wrongMount(prefix, basePath)
}

/** The same, where the host tells of its prefixes with a request alone: the mistake is logged once, for all of them. */
export function checkReached(prefix: string, auth: Mountable): void {
  if (!reaches(prefix, auth.basePath)) throw mountFailure(wrongMount(prefix, auth.basePath), auth)
}

/** Whether requests below a prefix can be for a base path. */
function reaches(prefix: string, basePath: string): boolean {
  if (prefix === '') return true
  const [mounted, answers] = [prefix.toLowerCase(), basePath.toLowerCase()]
  return isUnder(mounted, answers) || isUnder(answers, mounted)
}

const wrongMount = (prefix: string, basePath: string) =>
  mistake(
    'KEYSTILE_WRONG_MOUNT',
    `keystile is mounted under "${prefix}", but its auth answers under "${basePath}", which is never reached there`,
    [`the prefix ${prefix}`, `the root, or a prefix of ${basePath}`],
    `mount it at the root, or set basePath: '${prefix}${basePath}' in createAuth`,
  )

/** The same, seen from the app: a request that is the auth's was answered by something else. */
export const missed = (url: URL, status: number) =>
  mistake(
    'KEYSTILE_WRONG_MOUNT',
    `GET ${url} did not come to keystile: the app itself answered ${status}`,
    [`an answer of the app (${status})`, 'one of the auth'],
    'mount keystile at the root, or under a prefix of that path, before what answers there; or set basePath in createAuth to where it is mounted',
  )

/** Puts the lazy session on a request. `KEYSTILE_NAME_TAKEN`, where something is there already, is logged once. */
export function hang(request: object, name: string, session: object, auth: Mountable): void {
  if (Reflect.get(request, name) !== undefined) throw mountFailure(nameTaken(name), auth)
  Reflect.set(request, name, session)
}

/**
 * The same, made when somebody looks, from what belongs to the object it hangs on. One getter for all requests: see `Peer`.
 * Throws `KEYSTILE_NAME_TAKEN`.
 */
export function lazyProperty<C extends object>(name: string, open: (ctx: C) => object) {
  const contexts = slotOf<object, C>()
  const get = function (this: object) {
    const ctx = contexts.get(this)
    return ctx && open(ctx)
  }
  return (on: object, ctx: C): void => {
    if (name in on) throw mountFailure(nameTaken(name), undefined)
    contexts.set(on, ctx)
    Object.defineProperty(on, name, { configurable: true, get })
  }
}

/** The middleware found its property in use: it ran twice, or another middleware has the name. */
export function nameTaken(name: string): ConfigError {
  return mistake(
    'KEYSTILE_NAME_TAKEN',
    `the request already has "${name}": keystile is mounted twice, or another middleware uses that name`,
    [`a value under ${name}`, 'none'],
    "mount keystile once, or give it another name: keystile(auth, { name: 'keystile' })",
  )
}

/** The host's router has a route of ours already: of another plugin beside this one, or of the app. */
export function registeredTwice(basePath: string): ConfigError {
  return mistake(
    'KEYSTILE_REGISTERED_TWICE',
    `the app already has a route of "${basePath || '/'}": keystile is registered in two plugins, or the route is the app's own`,
    [`a route of ${basePath || '/'}`, 'none'],
    'register keystile once, in the parent of all plugins that use it',
  )
}

export function notMounted(basePath?: string): ConfigError {
  const [whose, under] = basePath ? [` (base path "${basePath}")`, `, or under a prefix of "${basePath}"`] : ['', '']
  return mistake(
    'KEYSTILE_NOT_MOUNTED',
    `a session was asked for on a request that the keystile middleware${whose} has not seen`,
    ['a request without its session', 'one that came through keystile'],
    `mount keystile(auth) before the routes and guards that use it, at the root${under}; where it is under a prefix, so are they`,
  )
}

export function severalMounted(): ConfigError {
  return mistake(
    'KEYSTILE_SEVERAL_MOUNTED',
    'a session was asked for without saying of which of the auth instances mounted',
    ['several auth instances', 'one, or its name'],
    'use gate.getSession(…), or pass the instance: getSession(…, auth)',
  )
}

const mistake = (code: string, message: string, [seen, expected]: readonly [string, string], fix: string) =>
  new ConfigError([{ code, message, seen, expected, fix }])
