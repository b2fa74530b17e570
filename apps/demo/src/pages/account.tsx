import type { Session } from '../auth.ts'
import { deviceOf } from '../device.ts'
import { ActionForm, Field } from './field.tsx'
import { Time } from './time.tsx'

type SessionRow = Session['session']

interface AccountPageProps {
  readonly current: Session
  /** Undefined where the visitor must sign in again to see them. */
  readonly sessions: readonly SessionRow[] | undefined
}

export function AccountPage({ current, sessions }: AccountPageProps) {
  const { user } = current
  return (
    <>
      <div class="profile">
        <span class="avatar" aria-hidden="true">
          {initials(user.name)}
        </span>
        <div>
          <h1>{user.name}</h1>
          <p class="meta">
            {user.email} <span class="badge">{user.emailVerified ? 'Confirmed' : 'Not confirmed'}</span>
          </p>
          <p class="meta">
            Joined <Time at={user.createdAt} />
          </p>
        </div>
      </div>
      <div class="columns">
        <section class="card" aria-labelledby="sessions">
          <h2 id="sessions" tabindex={-1}>
            Sessions
          </h2>
          <p class="lead">Where you are signed in. Revoke any you do not recognise.</p>
          {sessions ? (
            <SessionList sessions={sessions} own={current.session.id} />
          ) : (
            <p class="note">
              You signed in more than a day ago. <a href="/sign-in">Sign in again</a> to see your sessions.
            </p>
          )}
        </section>
        <div class="stack">
          <section class="card" aria-labelledby="profile">
            <h2 id="profile">Profile</h2>
            <ActionForm action="change-name" submit="Save name" id="change-name">
              <Field id="name" name="name" label="Name" autocomplete="name" value={user.name} maxlength={80} />
            </ActionForm>
          </section>
          <section class="card" aria-labelledby="password">
            <h2 id="password">Password</h2>
            <p class="lead">A new password ends your other sessions.</p>
            <ActionForm action="change-password" submit="Change password" id="change-password">
              {/* Tells password managers whose password this is. */}
              <input type="text" autocomplete="username" value={user.email} hidden />
              <Field
                id="current-password"
                name="currentPassword"
                label="Current password"
                type="password"
                autocomplete="current-password"
              />
              <Field
                id="new-password"
                name="newPassword"
                label="New password"
                type="password"
                autocomplete="new-password"
                hint="At least 8 characters"
                minlength={8}
                maxlength={128}
              />
            </ActionForm>
          </section>
        </div>
      </div>
    </>
  )
}

function SessionList({ sessions, own }: { readonly sessions: readonly SessionRow[]; readonly own: string }) {
  return (
    <>
      <ul class="sessions">
        {sessions.map((session) => (
          <SessionItem session={session} own={session.id === own} />
        ))}
      </ul>
      {sessions.length > 1 && (
        <form data-action="revoke-others">
          <button class="plain" type="submit" disabled>
            Revoke all others
          </button>
        </form>
      )}
    </>
  )
}

function SessionItem({ session, own }: { readonly session: SessionRow; readonly own: boolean }) {
  const device = deviceOf(session.userAgent)
  return (
    <li title={session.userAgent ?? undefined}>
      <DeviceIcon handheld={device.handheld} />
      <div>
        <p>
          <strong>{device.name}</strong> {own && <span class="badge own">This device</span>}
        </p>
        <p class="meta">
          <span>{session.ipAddress ?? 'Address unknown'}</span>{' '}
          <span>
            since <Time at={session.createdAt} />
          </span>
        </p>
      </div>
      {!own && (
        <form data-action="revoke">
          <input type="hidden" name="token" value={session.token} />
          <button class="plain danger" type="submit" aria-label={`Revoke ${device.name}`} disabled>
            Revoke
          </button>
        </form>
      )}
    </li>
  )
}

function DeviceIcon({ handheld }: { readonly handheld: boolean }) {
  return (
    <svg class="device" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      {handheld ? <path d="M8 3h8v18H8zM11 18.5h2" /> : <path d="M5 5h14v10H5zM2.5 19h19l-2.5-4H5z" />}
    </svg>
  )
}

/** The first letters of the first and the last word. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return letters.join('').toUpperCase()
}
