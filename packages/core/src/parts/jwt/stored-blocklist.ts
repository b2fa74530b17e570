/** The blocklist in the app's own database: a plugin that brings its table. */
import type { TableChange } from '../../contract/options.ts'
import type { Plugin } from '../../contract/plugin.ts'
import { type SchemeApp, startProblem } from '../../contract/scheme.ts'
import type { Domain } from '../../domain/domain.ts'
import { checkOptions } from '../../lib/check-options.ts'
import * as kinds from '../../lib/kinds.ts'
import { instant, text } from '../../store/fields.ts'
import { UniqueViolation, UnstorableValue } from '../../store/store.ts'
import { extendTable, table } from '../../store/table.ts'
import { type BlockedToken, type Blocklist, rememberedFor, TokenWithoutJti } from './blocklist.ts'

const blockedTable = table('jwtBlocklist', {
  jti: { ...text(), unique: true },
  expiresAt: { ...instant(), index: true },
  createdAt: instant(),
  updatedAt: instant(),
  userId: {
    type: 'string',
    required: false,
    index: true,
    references: { model: 'user', field: 'id', onDelete: 'set null' },
  },
})

const columns: kinds.AnyKind = kinds.group(
  Object.fromEntries(Object.keys(blockedTable.fields).map((name) => [name, kinds.text])),
)

export interface JwtBlocklist extends Plugin<'jwt-blocklist', Readonly<Record<never, never>>>, Blocklist {}

/**
 * A blocklist that is a plugin too. One value serves one auth.
 *
 * @example
 * const revoked = jwtBlocklist()
 * const auth = createAuth({ plugins: [revoked], … })
 * const scheme = jwt({ blocklist: revoked })
 */
export function jwtBlocklist(options: Pick<TableChange, 'modelName' | 'fields'> = {}): JwtBlocklist {
  checkOptions(options, { modelName: kinds.text, fields: columns }, 'jwtBlocklist()')
  const own = extendTable(blockedTable, { tableName: options.modelName, columns: options.fields })
  let methods: Blocklist | undefined

  function started(): Blocklist {
    if (!methods) throw new Error('the blocklist is not in use: createAuth({ plugins: [revoked] })')
    return methods
  }

  return {
    id: 'jwt-blocklist',
    tables: [own],
    init(domain) {
      methods = inStore(domain, own)
    },
    blocklist: (token, userId) => started().blocklist(token, userId),
    isBlocked: (...jtis) => started().isBlocked(...jtis),
    deleteExpired: () => started().deleteExpired(),
    bind({ domain }: SchemeApp) {
      if (domain?.tables[own.name] !== own) throw notAPlugin()
      return inStore(domain, own)
    },
  }
}

/** Milliseconds between two looks for what may be forgotten. */
const sweepEvery = 3_600_000

function inStore({ store, tables, clock }: Domain, own: typeof blockedTable): Blocklist {
  let swept = clock()
  const deleteExpired = () => store.remove(own, { expiresAt: { lte: new Date(clock() - rememberedFor) } })

  /** With the user where they are still there: a token may outlive them. */
  async function insert(row: Omit<BlockedToken, 'userId'>, userId: string | undefined) {
    const stamped = { ...row, updatedAt: row.createdAt }
    const owned =
      userId === undefined ? null : await store.insertIf(own, { ...stamped, userId }, tables.user, { id: userId })
    return owned ?? store.insert(own, { ...stamped, userId: null })
  }

  return {
    async blocklist({ jti, exp }, userId) {
      if (!jti) throw new TokenWithoutJti()
      try {
        const row = { jti, expiresAt: new Date(exp * 1000), createdAt: new Date(clock()) }
        if (Math.abs(clock() - swept) >= sweepEvery) {
          swept = clock()
          await deleteExpired()
        }
        return { row: await insert(row, userId), created: true }
      } catch (error) {
        const there = error instanceof UniqueViolation ? await store.find(own, { jti }) : null
        if (!there) throw error
        return { row: there, created: false }
      }
    },

    async isBlocked(...jtis) {
      if (jtis.length === 0) return false
      try {
        return (await store.find(own, { jti: { in: jtis } })) !== null
      } catch (error) {
        // What cannot be in the list could never be put there either.
        if (error instanceof UnstorableValue) return true
        throw error
      }
    },

    deleteExpired,
  }
}

const notAPlugin = () =>
  startProblem('jwtBlocklist()', {
    code: 'JWT_BLOCKLIST_WITHOUT_TABLE',
    message: 'it is not among the plugins of the auth, so it has no table',
    seen: 'no table jwtBlocklist of this value',
    expected: 'the value of jwtBlocklist() in createAuth',
    fix: 'const revoked = jwtBlocklist(); createAuth({ plugins: [revoked], … })',
  })
