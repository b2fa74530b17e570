import { connect } from './driver.ts'

interface Column {
  readonly name: string
}

/** Copies the sessions of a database, each under an id and a token of its own, until there are `count`. */
export async function fillSessions(path: string, count: number): Promise<void> {
  const database = await connect(path)
  const columns = (database.prepare('pragma table_info(session)').all() as Column[]).map(({ name }) => name)
  const [{ present }] = database.prepare('select count(*) as present from session').all() as [{ present: number }]
  const values = columns.map((name) => (name === 'id' || name === 'token' ? 'lower(hex(randomblob(16)))' : `s.${name}`))
  database.exec(`
    with recursive copy (n) as (select 1 union all select n + 1 from copy where n < ${Math.round(count / present) - 1})
    insert into session (${columns.join(', ')}) select ${values.join(', ')} from session s, copy
  `)
}
