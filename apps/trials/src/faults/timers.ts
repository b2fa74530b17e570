/** Long waits that end when told: a second and more of `setTimeout`, so that no run sleeps through a time limit. */
export interface HeldTimers {
  /** Ends the wait that would end first, and those that would end with it. */
  elapse(): void
  restore(): void
}

export function holdTimers(): HeldTimers {
  const { setTimeout: set, clearTimeout: clear } = globalThis
  const held = new Map<unknown, { readonly due: number; readonly run: () => void }>()
  let now = 0
  const hold = (run: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) => {
    if (milliseconds < 1000) return set(run, milliseconds, ...args)
    const handle = {}
    held.set(handle, { due: now + milliseconds, run: () => run(...args) })
    return handle
  }
  const release = (handle: unknown) => {
    if (!held.delete(handle)) clear(handle as NodeJS.Timeout)
  }
  Object.assign(globalThis, { setTimeout: hold, clearTimeout: release })
  return {
    elapse() {
      if (held.size === 0) return
      now = Math.min(...[...held.values()].map(({ due }) => due))
      for (const [handle, { due, run }] of [...held]) if (due <= now && held.delete(handle)) run()
    },
    restore() {
      Object.assign(globalThis, { setTimeout: set, clearTimeout: clear })
    },
  }
}
