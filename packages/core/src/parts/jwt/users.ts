/** Whose a token is. */
import { type SchemeApp, startProblem } from '../../contract/scheme.ts'
import type { Domain } from '../../domain/domain.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { UnstorableValue } from '../../store/store.ts'
import { isNobody } from '../credentials.ts'
import type { JwtToken } from './claims.ts'
import type { JwtUser, JwtUserOptions } from './options.ts'

/** The user and the token, or why there is nobody. */
export type FindUser<User> = (token: JwtToken, exchange: Exchange) => Promise<{ readonly user: User } | string>

/** @throws ConfigError where users cannot be told apart by the field. */
export function userFinder<User>(owner: string, options: JwtUserOptions<User>, { domain }: SchemeApp): FindUser<User> {
  const { getUser, check, claimFromToken = ({ sub }) => sub } = options
  const field = options.userIdField ?? 'id'
  if (getUser === undefined && !domain) throw nobodyToAsk(owner)
  if (getUser === undefined && domain) checkUnique(owner, field, domain)

  async function find(token: JwtToken, exchange: Exchange): Promise<User | null | 'nobody'> {
    if (getUser) {
      const found = await getUser(token, exchange)
      return isNobody(found) ? 'nobody' : found
    }
    if (getUser === null || !domain) return null
    const claim = claimFromToken(token)
    return claim === undefined ? 'nobody' : (((await userBy(domain, field, claim)) as User | null) ?? 'nobody')
  }

  return async (token, exchange) => {
    const user = await find(token, exchange)
    if (user === 'nobody') return 'nobody has this sub'
    // Where nobody is looked up the type of users says so.
    if (check && !(await check(user as User, token))) return 'the check said no'
    return { user: user as User }
  }
}

/** The user whose field is exactly this text: a store may read ` 1 ` as a number. */
async function userBy({ store, tables }: Domain, field: string, value: string): Promise<JwtUser | null> {
  try {
    const user = (await store.find(tables.user, { [field]: value } as object)) as JwtUser | null
    return user?.[field] === value ? user : null
  } catch (error) {
    if (error instanceof UnstorableValue) return null
    throw error
  }
}

/** @throws ConfigError for a field that is not there, or that two users may share. */
export function checkUnique(owner: string, field: string, { tables }: Domain): void {
  if (field === 'id') return
  const { fields } = tables.user
  const unique = Object.entries(fields).flatMap(([key, { unique, type }]) => (unique && type === 'string' ? [key] : []))
  if (unique.includes(field)) return
  throw startProblem(owner, {
    code: 'USER_FIELD',
    message: `users are not told apart by ${field}`,
    seen: Object.hasOwn(fields, field) ? `${field}, which several users may share` : `no field ${field}`,
    expected: ['id', ...unique].join(', '),
    fix: `name one of them, or declare ${field} with unique: true`,
  })
}

const nobodyToAsk = (owner: string) =>
  startProblem(owner, {
    code: 'JWT_WITHOUT_USERS',
    message: 'nothing tells whose a token is: no auth instance is given, and no getUser',
    seen: 'no auth, no getUser',
    expected: 'one of them, or null for tokens alone',
    fix: 'createApi({ auth, … }), getUser: (token) => …, or getUser: null',
  })
