import type { PropsWithChildren } from 'hono/jsx'
import type { Session } from '../auth.ts'
import type { Framework } from '../options.ts'

/** What the demo runs on. */
export interface Place {
  readonly framework: Framework
  readonly database: string
}

/** What surrounds a page's content. */
export interface Frame {
  readonly title: string
  /** The page's own path, marked in the navigation. */
  readonly path: string
  readonly session: Session | null
  readonly place: Place
}

const frameworkNames = { express: 'Express', fastify: 'Fastify', hono: 'Hono', koa: 'Koa' }

export function Layout({ title, path, session, place, children }: PropsWithChildren<Frame>) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{path === '/' ? title : `${title} · Keystile demo`}</title>
        <link rel="icon" href="/mark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
        <script type="module" src="/client.js" />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header>
          <a class="brand" href="/">
            <img src="/mark.svg" alt="" width="28" height="28" />
            Keystile <span>demo</span>
          </a>
          <nav aria-label="Main">
            <NavLink to="/outbox" here={path}>
              Outbox
            </NavLink>
            {session ? (
              <>
                <NavLink to="/account" here={path}>
                  Account
                </NavLink>
                <form data-action="sign-out">
                  <button class="quiet" type="submit" disabled>
                    Sign out
                  </button>
                </form>
              </>
            ) : (
              <>
                <NavLink to="/sign-in" here={path}>
                  Sign in
                </NavLink>
                <NavLink to="/sign-up" here={path} strong>
                  Sign up
                </NavLink>
              </>
            )}
          </nav>
        </header>
        <noscript>
          <p class="note">The forms of this demo use the browser client, which needs JavaScript.</p>
        </noscript>
        <p id="status" role="status" />
        <main id="content" tabindex={-1}>
          {children}
        </main>
        <footer>
          <p>
            Served by {frameworkNames[place.framework]}, kept in <code>{place.database}</code>
          </p>
          <p>For this machine only. Mail goes no further than the outbox.</p>
        </footer>
      </body>
    </html>
  )
}

interface NavLinkProps {
  readonly to: string
  readonly here: string
  readonly strong?: boolean
}

function NavLink({ to, here, strong, children }: PropsWithChildren<NavLinkProps>) {
  return (
    <a href={to} class={strong ? 'button small' : undefined} aria-current={to === here ? 'page' : undefined}>
      {children}
    </a>
  )
}
