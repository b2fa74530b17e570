import { describe, expect, it } from 'vitest'
import { sqliteDialect } from './sqlite-dialect.ts'

const error = (message: string, more: object = {}) => Object.assign(new Error(message), more)

describe('errors of SQLite drivers', () => {
  it('say which columns must be unique', () => {
    const two = error('UNIQUE constraint failed: account.providerId, account.accountId', { errcode: 2067 })
    expect(sqliteDialect.recognise(two)).toEqual({
      kind: 'unique',
      table: 'account',
      columns: ['providerId', 'accountId'],
    })
    const byExpression = error("UNIQUE constraint failed: index 'lower_email'")
    expect(sqliteDialect.recognise(byExpression)).toEqual({ kind: 'unique', table: undefined, columns: [] })
  })

  it.each([
    ['busy', error('database is locked', { code: 'SQLITE_BUSY', rawCode: 5 })],
    ['busy', error('database is locked', { code: 'ERR_SQLITE_ERROR', errcode: 261 })],
    ['busy', error('wrapped', { cause: error('x', { code: 'SQLITE_BUSY_SNAPSHOT', errno: 517 }) })],
    ['unavailable', error('disk is full', { code: 'SQLITE_FULL', rawCode: 13 })],
    ['unavailable', error('attempt to write a readonly database', { code: 'ERR_SQLITE_ERROR', errcode: 8 })],
    ['unavailable', error('malformed', { code: 'SQLITE_CORRUPT', rawCode: 11 })],
    ['unavailable', error('wrapped', { cause: error('disk I/O error', { code: 'SQLITE_IOERR_WRITE' }) })],
    ['unavailable', error('fetch failed', { cause: error('connect', { code: 'ECONNREFUSED' }) })],
    ['unavailable', error('Server returned HTTP status 502', { code: 'SERVER_ERROR' })],
  ])('say when the database is %s: %s', (kind, given) => {
    expect(sqliteDialect.recognise(given)).toEqual(kind === 'busy' ? { kind } : { kind, fix: expect.any(String) })
  })

  it('pass where the program is wrong', () => {
    const wrong = [error('no such table: x', { code: 'SQLITE_ERROR', rawCode: 1 }), error('other'), 'text', null]
    for (const given of wrong) expect(sqliteDialect.recognise(given)).toBeUndefined()
    const foreign = error('FOREIGN KEY constraint failed', { code: 'SQLITE_CONSTRAINT_FOREIGNKEY', rawCode: 787 })
    expect(sqliteDialect.recognise(foreign)).toBeUndefined()
  })
})
