import { createAuth } from '@keystile/core'
import type { Outbox } from './outbox.ts'

/** The authentication of the demo: all that is not here is a default. */
export function demoAuth({ database, secret, outbox }: { database: string; secret: string; outbox: Outbox }) {
  return createAuth({
    appName: 'Keystile demo',
    database,
    secret,
    // The port is whatever is free, so the origin is read from each request; other names than this machine's are refused.
    baseURL: { allowedHosts: ['localhost:*', '127.0.0.1:*', '[::1]:*'], protocol: 'http' },
    emailAndPassword: { enabled: true },
    emailVerification: {
      sendOnSignUp: true,
      sendVerificationEmail({ user, url }) {
        outbox.send({
          to: user.email,
          subject: 'Confirm your e-mail address',
          text: [
            `Hello ${user.name},`,
            'somebody signed up to the Keystile demo with this address. If it was you, open this link to confirm it:',
            url,
          ],
        })
      },
    },
    // Nothing of the shell it is started from may change what it does.
    production: false,
    env: {},
  })
}

export type DemoAuth = ReturnType<typeof demoAuth>
export type Session = DemoAuth['$Infer']['Session']
