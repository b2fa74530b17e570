/** Guards whose reader is of another build of the core, for `vi.mock('@keystile/core/adapter', …)`. */
type Core = typeof import('@keystile/core/adapter')

/** What readers say instead of what they find; undefined: they are left alone. */
export const foreign: { says?: { readonly verdict: unknown } | undefined } = {}

export function foreignCore(core: Core): Core {
  const instead =
    <Guard>(guard: (read: never) => Guard) =>
    (read: (...args: unknown[]) => unknown) =>
      guard((async (...args: unknown[]) => (foreign.says ? foreign.says.verdict : read(...args))) as never)
  const gateOf = (sessions: never, auth: never, mount: never, session: never, user: never, caller: never) =>
    core.gateOf(sessions, auth, mount, instead(session) as never, instead(user) as never, instead(caller) as never)
  return { ...core, gateOf: gateOf as unknown as Core['gateOf'] }
}
