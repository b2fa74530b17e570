import { describe, expect, it } from 'vitest'
import { open, renameSchema, v } from './support.ts'

renameSchema()

describe('RC-15 every case holds under renamed tables and columns too', async () => {
  it('keeps its rows under the other names', async () => {
    const { domain } = await open()
    expect(domain.tables.user.tableName).toBe('people')
    expect(await domain.store.find(domain.tables.user, { email: v.email })).toMatchObject({ name: v.name })
  })

  // Their cases are declared here once more: this file's own worker has the other schema.
  for (const file of ['credentials', 'sessions', 'cookies', 'origin', 'limits', 'input', 'assignment']) {
    await import(`./${file}.test.ts`)
  }
})
