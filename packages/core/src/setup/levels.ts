/** From four levels to one chain: endpoint, group, controller, settings, in this order, all of them alternatives. */
import type { LevelAuth, Only } from '../contract/levels.ts'
import type { Scheme } from '../contract/scheme.ts'
import type { Problem } from '../lib/errors.ts'

export interface DeclaredLevel {
  /** `GET /notes (notes.list)`, `the controller /notes`: for problems. */
  readonly title: string
  readonly auth: LevelAuth | undefined
}

/**
 * The schemes of an endpoint, innermost level first. `null` at any level opens it; a level of `only` hides those around.
 */
export function resolveLevels(levels: readonly DeclaredLevel[], problems: Problem[]): readonly Scheme[] {
  const schemes: Scheme[] = []
  const innermost = levels[0]?.title ?? ''
  /** What is wrong with an outer level is said once, not of every endpoint in it. */
  const tell = (problem: Problem) => {
    if (!problems.some(({ message }) => message === problem.message)) problems.push(problem)
  }
  for (const { title, auth } of levels) {
    if (auth === undefined) continue
    if (auth === null) {
      if (schemes.length > 0) tell(listUnderNull(innermost, title))
      return []
    }
    const list = isOnly(auth) ? auth.only : auth
    if (isOnly(auth) && Array.isArray(list) && list.length === 0) tell(onlyNothing(title))
    for (const scheme of Array.isArray(list) ? list : [list]) {
      if (!isScheme(scheme)) tell(noScheme(title, scheme))
      // Named at two levels, it is asked once.
      else if (!schemes.includes(scheme)) schemes.push(scheme)
    }
    if (isOnly(auth)) break
  }
  return schemes
}

const isOnly = (auth: LevelAuth): auth is Only =>
  !Array.isArray(auth) && typeof auth === 'object' && auth !== null && 'only' in auth

const members = ['name', 'authenticate', 'securitySchemes', 'requirement', 'responses'] as const

const lacking = (value: object) => members.filter((name) => !(name in value))

const isScheme = (value: unknown): value is Scheme =>
  typeof value === 'object' && value !== null && lacking(value).length === 0

export const LIST_UNDER_NULL = 'AUTH_UNDER_NULL'

const listUnderNull = (endpoint: string, title: string): Problem => ({
  code: LIST_UNDER_NULL,
  message: `${endpoint} stands under schemes, but ${title} opens it to all with null`,
  seen: `a list inside, null on ${title}`,
  expected: 'a list, or null, not both',
  fix: `take null off ${title}, or the list off what is inside`,
})

/** It would open the endpoint, which is what null says. */
const onlyNothing = (title: string): Problem => ({
  code: 'ONLY_NOTHING',
  message: `${title} has only([]), which would leave nobody to ask`,
  seen: 'only([])',
  expected: 'at least one scheme',
  fix: 'name a scheme, or write auth: null for an endpoint that is open',
})

const noScheme = (title: string, value: unknown): Problem => ({
  code: 'NOT_A_SCHEME',
  message: `${title} has something in its list that is no scheme`,
  seen: described(value),
  expected: 'what session(), jwt(), … return',
  fix: fixFor(value),
})

const isClass = (value: unknown): value is abstract new () => unknown =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

function described(value: unknown): string {
  if (typeof value === 'function')
    return `the ${isClass(value) ? 'class' : 'function'} ${value.name || '(without a name)'}`
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list in the list'
  return typeof value === 'object' ? `an object without ${lacking(value).join(', ')}` : `a ${typeof value}`
}

function fixFor(value: unknown): string {
  if (isClass(value)) return `make one of it: new ${value.name || 'Scheme'}()`
  if (typeof value === 'function') return `call it: ${value.name || 'scheme'}()`
  if (Array.isArray(value)) return 'spread it: ...list'
  if (typeof value === 'object' && value !== null) return 'give it what it lacks'
  return 'put the scheme itself there'
}
