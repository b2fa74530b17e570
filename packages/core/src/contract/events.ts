/** `events` in the types of an app's own rows. */
import type { Circumstances, EventsOf } from '../domain/events.ts'
import type { AppRows } from './model.ts'

type Events<R extends AppRows> = EventsOf<R['user'], R['session']>

// A method, not a function: so typed options still are `Options`, whatever their rows.
interface Told<Event> {
  listen(event: Event): unknown
}

/** The app's own listeners, by event. */
export type AppListeners<R extends AppRows = AppRows> = {
  readonly [N in keyof Events<R>]?: Told<Events<R>[N] & Circumstances>['listen'] | undefined
}
