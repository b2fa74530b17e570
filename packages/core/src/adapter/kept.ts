/** What is known of a request, kept where its host wants it kept. */
import { type Slot, slotOf } from '../lib/slot.ts'

export interface Keeping<C extends object> {
  /** What keeps all that is known of this request, and of no other; default: the context itself. */
  readonly keeper?: ((ctx: C) => object) | undefined
}

/**
 * The context is told again by what is kept, for a copy of a request may have the same keeper: what is known of the one
 * is not known of the other, which keeps its things itself.
 */
export function keptOn<C extends object, V extends { readonly ctx: C }>({ keeper = itself }: Keeping<C>): Slot<C, V> {
  const slots = slotOf<object, V>()
  const keptIn = (place: object, ctx: C) => {
    const kept = slots.get(place)
    return kept?.ctx === ctx ? kept : undefined
  }
  return {
    get(ctx) {
      const place = keeper(ctx)
      return keptIn(place, ctx) ?? (place === ctx ? undefined : keptIn(ctx, ctx))
    },
    set(ctx, value) {
      const place = keeper(ctx)
      const other = slots.get(place)
      slots.set(other && other.ctx !== ctx ? ctx : place, value)
    },
  }
}

const itself = (ctx: object) => ctx
