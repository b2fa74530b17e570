/** What is known of a request, kept where its host wants it kept. */
import { type Slot, slotOf } from '../lib/slot.ts'

export interface Keeping<C extends object> {
  /** What keeps all that is known of this request, and of no other; default: the context itself. */
  readonly keeper?: ((ctx: C) => object) | undefined
}

/** The context is told again by what is kept: a keeper may turn out to be that of an earlier request too. */
export function keptOn<C extends object, V extends { readonly ctx: C }>({ keeper = itself }: Keeping<C>): Slot<C, V> {
  const slots = slotOf<object, V>()
  return {
    get(ctx) {
      const kept = slots.get(keeper(ctx))
      return kept?.ctx === ctx ? kept : undefined
    },
    set: (ctx, value) => slots.set(keeper(ctx), value),
  }
}

const itself = (ctx: object) => ctx
