/** The demo without a web framework: what there is to see, as data. `servers/` put it on one. */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type DemoAuth, demoAuth, type Session } from './auth.ts'
import { type DemoOptions, shortPath } from './options.ts'
import { createOutbox } from './outbox.ts'
import { AccountPage, type SessionList } from './pages/account.tsx'
import { HomePage } from './pages/home.tsx'
import { type Frame, Layout } from './pages/layout.tsx'
import { ErrorPage } from './pages/error.tsx'
import { OutboxPage } from './pages/outbox.tsx'
import { SignInPage } from './pages/sign-in.tsx'
import { SignUpPage } from './pages/sign-up.tsx'
import { keptSecret } from './secret.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a page may know of a request. */
export interface Visit {
  readonly session: Session | null
  readonly cookie: string
}

export interface Page {
  readonly path: string
  /** Where visitors without a session are sent; without it the page is for everyone. */
  readonly redirectTo?: string
  readonly show: (visit: Visit) => Answer | Promise<Answer>
}

export interface Site {
  readonly auth: DemoAuth
  readonly pages: readonly Page[]
  /** Files of the browser, by path. */
  readonly assets: ReadonlyMap<string, Answer>
  readonly notFound: () => Answer
  /** For what a page threw, told on the terminal. */
  readonly failed: (error: unknown) => Answer
}

export async function createSite({ database, framework }: DemoOptions): Promise<Site> {
  await mkdir(dirname(database), { recursive: true })
  const outbox = createOutbox()
  const auth = demoAuth({ database, secret: await keptSecret(`${database}.secret`), outbox })
  const place = { framework, database: shortPath(database) }

  const page = (frame: Omit<Frame, 'place'>, body: unknown, status = 200): Answer => ({
    status,
    headers: pageHeaders,
    body: `<!doctype html>${<Layout {...frame} place={place}>{body}</Layout>}`,
  })
  const home = (visit: Visit) => page({ title: 'Keystile demo', ...visit }, <HomePage {...visit} place={place} />)

  return {
    auth,
    pages: [
      { path: '/', show: home },
      {
        path: '/sign-up',
        show: (visit) => (visit.session ? seeOther('/account') : page({ title: 'Create an account', ...visit }, <SignUpPage />)),
      },
      { path: '/sign-in', show: (visit) => page({ title: 'Sign in', ...visit }, <SignInPage />) },
      {
        path: '/account',
        redirectTo: '/sign-in',
        async show(visit) {
          if (!visit.session) return seeOther('/sign-in')
          const sessions = await sessionsOf(auth, visit.cookie)
          return page({ title: 'Your account', ...visit }, <AccountPage current={visit.session} sessions={sessions} />)
        },
      },
      {
        path: '/outbox',
        async show(visit) {
          // Mail goes out after the answer that asked for it.
          await auth.idle()
          return page({ title: 'Outbox', ...visit }, <OutboxPage mails={outbox.list()} />)
        },
      },
    ],
    assets,
    notFound: () => page({}, <></>),
    failed: () => page({}, <></>),
  }
}
