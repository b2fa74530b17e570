import { describe } from 'vitest'
import type { hosts } from '../../client/servers.ts'
import { serveThrough } from '../support.ts'

/** Declares the cases of the core once more: the worker of the calling file asks through a host. */
export async function everyCaseThrough(name: keyof typeof hosts): Promise<void> {
  serveThrough(name)
  await describe(`AD-01 every case holds through ${name} too`, async () => {
    for (const file of ['credentials', 'sessions', 'cookies', 'origin', 'limits', 'input', 'assignment']) {
      await import(`../${file}.test.ts`)
    }
  })
}
