/** What may happen at once: acts that end sessions, acts that open or prolong them. */
import { type Answer, type Device, passwords, type Sent, send, type World } from './world.ts'

/** A session that somebody holds the cookie of. */
export interface Held {
  readonly cookie: string
  /** The device that had it before all began, or the act that gave it. */
  readonly from: Device | Act
}

/** `before`: what was there when the act began, for certain. `perhaps`: it depends on the order. */
export type Ends = 'always' | 'before' | 'perhaps' | 'never'

export interface Act {
  readonly name: string
  /** By a request, or by the app, on the rows themselves. */
  readonly does: ((world: World) => Sent) | ((world: World) => Promise<Answer>)
  /** What it can only be done with; it is refused where that is over. */
  readonly needs?: Device | 'old password' | 'new password' | undefined
  /** It takes effect with its last call to the store. */
  readonly lastly?: boolean | undefined
  /** What is over once it has been done. */
  readonly ends?: ((held: Held) => Ends) | undefined
  /** The old password is no longer right once it has been done. */
  readonly endsPassword?: boolean | undefined
  /** The session it gives is that of this device, under another token. */
  readonly continues?: Device | undefined
  /** Of acts that name the same, one is done. */
  readonly once?: string | undefined
  /** Whom it is about, where that is not the user that all worlds have. */
  readonly about?: 'newcomer' | undefined
}

const isOf = (held: Held, device: Device) => held.from === device
const continues = (held: Held, device: Device) => typeof held.from === 'object' && held.from.continues === device
/** What ends is the session, whatever token it has been given meanwhile. */
const endsB = (held: Held): Ends => (isOf(held, 'b') || continues(held, 'b') ? 'always' : 'never')
/** What ends is a token: where its holder has changed it for another just before, by the password, that one may live. */
const endsTokenOfB = (held: Held): Ends => (isOf(held, 'b') ? 'always' : continues(held, 'b') ? 'perhaps' : 'never')
const isPrepared = (held: Held) => typeof held.from === 'string'

export const signIn: Act = {
  name: 'sign-in',
  does: ({ email }) => ({ path: '/sign-in/email', body: { email, password: passwords.old } }),
  needs: 'old password',
  lastly: true,
}

export const signInAnew: Act = {
  name: 'sign-in with the new password',
  does: ({ email }) => ({ path: '/sign-in/email', body: { email, password: passwords.new } }),
  needs: 'new password',
}

export const signInOver: Act = {
  name: 'sign-in over a session',
  does: ({ email, cookies }) => ({
    path: '/sign-in/email',
    body: { email, password: passwords.old },
    cookie: cookies.b,
  }),
  needs: 'old password',
  lastly: true,
  ends: endsTokenOfB,
}

export const refresh: Act = {
  name: 'refresh',
  does: ({ cookies }) => ({ path: '/get-session', cookie: cookies.b }),
  needs: 'b',
  lastly: true,
}

export const updateUser: Act = {
  name: 'update-user',
  does: ({ cookies }) => ({ path: '/update-user', body: { name: 'Lovelace' }, cookie: cookies.b }),
  needs: 'b',
}

export const signOut: Act = {
  name: 'sign-out',
  does: ({ cookies }) => ({ path: '/sign-out', body: {}, cookie: cookies.b }),
  ends: endsTokenOfB,
}

export const revoke: Act = {
  name: 'revoke',
  does: ({ cookies, handle }) => ({ path: '/revoke-session', body: { token: handle }, cookie: cookies.a }),
  needs: 'a',
  ends: endsB,
}

export const revokeOwn: Act = {
  name: 'revoke by b itself',
  does: ({ cookies, handle }) => ({ path: '/revoke-session', body: { token: handle }, cookie: cookies.b }),
  needs: 'b',
  ends: endsB,
}

export const revokeAll: Act = {
  name: 'revoke-all',
  does: ({ cookies }) => ({ path: '/revoke-sessions', body: {}, cookie: cookies.a }),
  needs: 'a',
  ends: (held) => (isPrepared(held) || continues(held, 'b') ? 'always' : 'before'),
}

export const revokeOthers: Act = {
  name: 'revoke-others',
  does: ({ cookies }) => ({ path: '/revoke-other-sessions', body: {}, cookie: cookies.a }),
  needs: 'a',
  ends: (held) => (isOf(held, 'a') ? 'never' : isOf(held, 'b') || continues(held, 'b') ? 'always' : 'before'),
}

function changePassword(device: Device, others: boolean | undefined): Act {
  const how = { true: ', all tokens new', false: ', others stay', undefined: '' }[`${others}`]
  return {
    name: `change-password by ${device}${how}`,
    does: ({ cookies }) => ({
      path: '/change-password',
      body: { currentPassword: passwords.old, newPassword: passwords.new, revokeOtherSessions: others },
      cookie: cookies[device],
    }),
    needs: device,
    endsPassword: true,
    continues: others === true ? device : undefined,
    once: 'change of the password',
    ends(held) {
      if (others === false || held.from === this || held.from === signInAnew) return 'never'
      return isOf(held, device) && others !== true ? 'never' : 'always'
    },
  }
}
export const changePasswordOf = { a: changePassword('a', undefined), b: changePassword('b', true) }
export const changePasswordAlone = changePassword('a', false)

/** Rows go, as when an app deletes a user: what belongs to the user goes with it. */
export const deleteUser: Act = {
  name: 'deletion of the user',
  async does({ auth, email }) {
    const { store, tables } = await auth.$context
    return counted(await store.remove(tables.user, { email }))
  },
  ends: () => 'always',
  endsPassword: true,
}

export const unlink: Act = {
  name: 'removal of the password',
  async does({ auth, email }) {
    const { store, tables } = await auth.$context
    const user = await store.find(tables.user, { email })
    return counted(await store.remove(tables.account, { userId: user?.id ?? '' }))
  },
  endsPassword: true,
}

const newcomer = { name: 'Eve', password: passwords.old }

export const signUp: Act = {
  name: 'sign-up',
  does: ({ freeEmail }) => ({ path: '/sign-up/email', body: { ...newcomer, email: freeEmail } }),
  once: 'sign-up',
  about: 'newcomer',
}

export const signUpShouting: Act = {
  ...signUp,
  name: 'sign-up in capitals',
  does: ({ freeEmail }) => ({ path: '/sign-up/email', body: { ...newcomer, email: freeEmail.toUpperCase() } }),
}

export const deleteNewcomer: Act = {
  name: 'deletion of the newcomer',
  async does({ auth, freeEmail }) {
    const { store, tables } = await auth.$context
    return counted(await store.remove(tables.user, { email: freeEmail }))
  },
  ends: () => 'always',
  about: 'newcomer',
}

/** A token that a mail would carry: the flows that redeem one take it by this verb. */
export const consume: Act = {
  name: 'consume',
  async does({ auth, email }) {
    const { store, tables } = await auth.$context
    return counted((await store.consume(tables.verification, { identifier: email })) ? 1 : 0)
  },
  once: 'consume',
}

const counted = (count: number): Answer => ({ status: count > 0 ? 200 : 404, json: { count }, cookie: undefined })

export async function perform({ does }: Act, world: World): Promise<Answer> {
  const made = does(world)
  return made instanceof Promise ? made : send(world.auth, made)
}
