/** The site as a script that listens for `fetch`, bundled; rows live as long as it does. */
import { memoryAdapter } from '@keystile/core/memory'
import { answering } from './answering.ts'

const answer = answering(memoryAdapter({}))

interface FetchEvent extends Event {
  readonly request: Request
  respondWith(response: Response | Promise<Response>): void
}

addEventListener('fetch', (event) => {
  const { request } = event as FetchEvent
  ;(event as FetchEvent).respondWith(answer(request))
})
