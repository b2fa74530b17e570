/** Mail that the app sends for us: the link and its token are ours, the sending is the app's. */
import type { Clock } from '../lib/environment.ts'
import type { Background } from './background.ts'
import type { Exchange } from './exchange.ts'
import type { UserRow } from './model.ts'
import type { MailUser } from './settings.ts'

export interface MailOptions {
  readonly sendVerificationEmail: ((data: MailUser, request: Request | undefined) => unknown) | undefined
  readonly sendOnSignUp: boolean
  readonly sendOnSignIn: boolean
  /** Life of the token, seconds. */
  readonly expiresIn: number
  readonly key: Uint8Array
  readonly url: (exchange: Exchange, path: string) => string
  readonly clock: Clock
  readonly background: Background
}

export interface Mail {
  /** Mails the link that verifies an address, where the app asked for it at this occasion. Never awaited by an answer. */
  verification(exchange: Exchange, user: UserRow, occasion: 'sign-up' | 'sign-in', callbackURL?: string): void
}

export function createMail(options: MailOptions): Mail {
  return {
    verification(exchange, user, occasion, callbackURL) {
      const send = options.sendVerificationEmail
      if (!send || !(occasion === 'sign-up' ? options.sendOnSignUp : options.sendOnSignIn)) return
      options.background.run('sendVerificationEmail', async () => {
        const token = await verificationToken(user, options)
        const target = encodeURIComponent(callbackURL || '/')
        const url = options.url(exchange, `/verify-email?token=${token}&callbackURL=${target}`)
        await send({ user, url, token }, exchange.request)
      })
    },
  }
}

/** A JWT (RFC 7519) that names the address and the user it was made for. */
async function verificationToken(user: UserRow, { key, clock, expiresIn }: MailOptions): Promise<string> {
  const { SignJWT } = await import('jose')
  const issued = Math.floor(clock() / 1000)
  return new SignJWT({ email: user.email, userId: user.id })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt(issued)
    .setExpirationTime(issued + expiresIn)
    .sign(key)
}
