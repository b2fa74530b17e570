/** Where a server is killed. */
import { pick } from './actor.ts'
import type { KillPoint, Open } from './protocol.ts'

type Random = () => number

/** So many points for one file, the first of them while its tables are made. */
export function killPoints(count: number, hashing: Open['hashing'], random: Random): KillPoint[] {
  return Array.from({ length: count }, (_, i) => (i === 0 ? atStart(random) : underLoad(hashing, random)))
}

/** One of the statements of a first start. */
function atStart(random: Random): KillPoint {
  return { kind: 'statement', beginning: '', nth: below(56, random), side: side(random) }
}

/** What the acts write; a transaction's ends come most often, where most can go wrong. */
const statements = [
  'begin',
  'insert into "user"',
  'insert into "account"',
  'insert into "session"',
  'update "account"',
  'delete from "session"',
  'commit',
  'commit',
  'commit',
]

function underLoad(hashing: Open['hashing'], random: Random): KillPoint {
  const kind = pick(['answers', 'time', 'statement', 'statement'] as const, random)
  // A real hash takes some thirty milliseconds.
  const pace = hashing === 'argon2' ? 10 : 1
  if (kind === 'answers') return { kind, count: below(200 / pace, random) }
  if (kind === 'time') return { kind, milliseconds: below(80 * pace, random) }
  const beginning = pick(statements, random) ?? ''
  return { kind: 'statement', beginning, nth: below(5, random), side: side(random) }
}

const below = (limit: number, random: Random) => 1 + Math.floor(random() * limit)
const side = (random: Random) => (random() < 0.5 ? 'before' : 'after')
