/** The tables once more, on the oldest release of Hono that the package takes. */
import { Hono } from 'hono'
import { Hono as Oldest } from 'hono48'
import { expect, it, vi } from 'vitest'

vi.mock('hono', () => import('hono48'))
vi.mock('hono/route', () => import('hono48/route'))

await import('./tables.test.ts')

it('is what these are run on', () => {
  expect(Hono).toBe(Oldest)
})
