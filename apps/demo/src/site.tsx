/** The demo without a web framework: what there is to see, as data. `servers/` put it on one. */
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { APIError } from '@keystile/core'
import { type Answer, file, page, seeOther } from './answer.tsx'
import { type DemoAuth, demoAuth, type Session } from './auth.ts'
import { type DemoOptions, shortPath } from './options.ts'
import { createOutbox } from './outbox.ts'
import { AccountPage } from './pages/account.tsx'
import { HomePage } from './pages/home.tsx'
import { MissingPage, TroublePage } from './pages/missing.tsx'
import { OutboxPage } from './pages/outbox.tsx'
import { SignInPage } from './pages/sign-in.tsx'
import { SignUpPage } from './pages/sign-up.tsx'
import { keptSecret } from './secret.ts'

/** What a page may know of a request. */
export interface Visit {
  readonly session: Session | null
  readonly cookie: string
}

export type Page = { readonly path: string } & (
  | { readonly redirectTo?: undefined; readonly show: (visit: Visit) => Answer | Promise<Answer> }
  /** A page of the signed-in: others are sent to `redirectTo`. */
  | {
      readonly redirectTo: string
      readonly show: (visit: Visit & { readonly session: Session }) => Answer | Promise<Answer>
    }
)

export interface Site {
  readonly auth: DemoAuth
  readonly pages: readonly Page[]
  /** Files for the browser, by path. */
  readonly assets: readonly (readonly [path: string, answer: Answer])[]
  readonly missing: Answer
  readonly trouble: Answer
}

export async function createSite({ database, framework }: DemoOptions): Promise<Site> {
  await mkdir(dirname(database), { recursive: true })
  const outbox = createOutbox()
  const auth = demoAuth({ database, secret: await keptSecret(`${database}.secret`), outbox })
  const place = { framework, database: shortPath(database) }
  const frame = (title: string, path: string, session: Session | null = null) => ({ title, path, session, place })

  const pages: readonly Page[] = [
    {
      path: '/',
      show: ({ session }) => page(frame('Keystile demo', '/', session), <HomePage session={session} place={place} />),
    },
    {
      path: '/sign-up',
      show: ({ session }) =>
        session ? seeOther('/account') : page(frame('Create an account', '/sign-up'), <SignUpPage />),
    },
    {
      path: '/sign-in',
      // Also for the signed-in: sessions are shown only to one who signed in within a day.
      show: ({ session }) => page(frame('Sign in', '/sign-in', session), <SignInPage session={session} />),
    },
    {
      path: '/account',
      redirectTo: '/sign-in',
      async show({ session, cookie }) {
        const sessions = await sessionsOf(auth, cookie)
        return page(frame('Your account', '/account', session), <AccountPage current={session} sessions={sessions} />)
      },
    },
    {
      path: '/outbox',
      async show({ session }) {
        // Mail goes out behind the answer that asked for it.
        await auth.idle()
        return page(frame('Outbox', '/outbox', session), <OutboxPage mails={outbox.list()} />)
      },
    },
  ]

  return {
    auth,
    pages,
    assets: await Promise.all([
      asset('/style.css', 'text/css', '../src/browser/style.css'),
      asset('/mark.svg', 'image/svg+xml', '../src/browser/mark.svg'),
      asset('/client.js', 'text/javascript', '../dist/browser/client.js'),
    ]),
    missing: page(frame('Page not found', ''), <MissingPage />, 404),
    trouble: page(frame('Something went wrong', ''), <TroublePage />, 500),
  }
}

/** Read from the package's folder, so that sources and build find the same files. */
const asset = async (path: string, type: string, from: string) =>
  [path, file(type, await readFile(new URL(from, import.meta.url), 'utf8'))] as const

/** The caller's sessions, newest first; undefined where they signed in too long ago to be shown them. */
async function sessionsOf(auth: DemoAuth, cookie: string): Promise<Session['session'][] | undefined> {
  try {
    const sessions = await auth.api.listSessions({ headers: { cookie } })
    return sessions.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  } catch (error) {
    if (error instanceof APIError && error.code === 'SESSION_NOT_FRESH') return undefined
    throw error
  }
}
