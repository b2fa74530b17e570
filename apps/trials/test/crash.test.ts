import { describe, expect, it } from 'vitest'
import { execute } from '../src/crash/driver.ts'
import { plan, rounds } from '../src/crash/index.ts'
import { round } from '../src/crash/round.ts'

// Sixty starts of a server: two minutes and more on a machine that does other things too.
const patient = { timeout: 900_000 }

it('FI-01 nothing acknowledged is lost, made by halves or brought back, at sixty kills', patient, async () => {
  const { kills, cutOff, violations } = await rounds(plan(60, 1))
  expect(violations).toEqual([])
  expect(kills).toHaveLength(60)
  // The kills came in the middle of every kind of act.
  for (const [act, { times }] of Object.entries(cutOff)) expect(times, act).toBeGreaterThan(0)
})

describe('the checks notice', () => {
  const keep = (table: string, event: string, columns = '*') => `
    create table if not exists kept as select ${columns} from ${table} where false;
    create trigger if not exists keep before ${event} on ${table} begin
      insert into kept select ${columns} from ${table} where id = old.id;
    end;`

  it.each([
    ['a lost session', 'is lost', 'delete from session'],
    ['a lost user', 'cannot sign in', 'pragma foreign_keys = on; delete from "user"'],
    ['a user without an account', 'users without an account', 'delete from account'],
    [
      'a session brought back',
      'lives on after its end',
      `${keep('session', 'delete')} insert or ignore into session select * from kept`,
    ],
    [
      'a password brought back',
      'signs in as before the change',
      `${keep('account', 'update of password', 'id, password')}
       update account set password = kept.password from kept where kept.id = account.id;`,
    ],
    [
      'an address taken twice',
      'users with one address',
      `drop index if exists user_email_uidx;
       insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
         select 'other-' || hex(randomblob(8)), name, email, "emailVerified", "createdAt", "updatedAt" from "user" limit 1`,
    ],
  ])('%s', patient, async (_, violation, sql) => {
    const answers = (count: number) => ({ kind: 'answers', count }) as const
    const { violations } = await round({
      seed: 1,
      points: [answers(0), answers(150), answers(150)],
      actors: 4,
      hashing: 'none',
      meddle: (file) => execute(file, sql),
    })
    expect(violations).toContainEqual(expect.stringContaining(violation))
  })
})
