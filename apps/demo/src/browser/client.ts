/** Sends the forms with the official client and shows what came of it. Pages are made by the server. */
import { createAuthClient } from 'better-auth/client'

const client = createAuthClient({ baseURL: location.origin })

interface Failure {
  readonly status: number
  readonly code?: string | undefined
  readonly message?: string | undefined
}

interface Action {
  readonly send: (field: (name: string) => string) => Promise<{ readonly error: Failure | null }>
  /** What to say once it is done. */
  readonly done: (field: (name: string) => string) => string
  /** The page that follows; without it the present one is brought up to date. */
  readonly next?: string
}

const actions = new Map<string, Action>([
  [
    'sign-up',
    {
      send: (field) =>
        client.signUp.email({
          name: field('name'),
          email: field('email'),
          password: field('password'),
          callbackURL: '/account',
        }),
      done: (field) => `Welcome, ${field('name')}. A mail waits for you in the outbox.`,
      next: '/account',
    },
  ],
  [
    'sign-in',
    {
      send: (field) =>
        client.signIn.email({
          email: field('email'),
          password: field('password'),
          rememberMe: field('remember') === 'yes',
        }),
      done: () => 'You are signed in.',
      next: '/account',
    },
  ],
  ['sign-out', { send: () => client.signOut(), done: () => 'You are signed out.', next: '/' }],
  ['change-name', { send: (field) => client.updateUser({ name: field('name') }), done: () => 'Your name is changed.' }],
  [
    'change-password',
    {
      send: (field) =>
        client.changePassword({
          currentPassword: field('currentPassword'),
          newPassword: field('newPassword'),
          revokeOtherSessions: true,
        }),
      done: () => 'Your password is changed, and your other sessions are ended.',
    },
  ],
  [
    'revoke',
    { send: (field) => client.revokeSession({ token: field('token') }), done: () => 'The session is revoked.' },
  ],
  ['revoke-others', { send: () => client.revokeOtherSessions(), done: () => 'All your other sessions are revoked.' }],
])

document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement
  const action = actions.get(form.dataset.action ?? '')
  event.preventDefault()
  if (action) void run(form, action)
})

document.addEventListener('click', (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>('[data-reveal]')
  const input = button && document.querySelector<HTMLInputElement>(`#${button.dataset.reveal}`)
  if (!input) return
  const shown = input.type === 'text'
  input.type = shown ? 'password' : 'text'
  button.setAttribute('aria-pressed', String(!shown))
})

async function run(form: HTMLFormElement, action: Action): Promise<void> {
  const data = new FormData(form)
  const field = (name: string) => String(data.get(name) ?? '')
  // Asked for now: a button that is disabled loses the focus.
  const place = document.activeElement?.id
  say('')
  showError(form, undefined)
  setBusy(form, true)
  try {
    const { error } = await action.send(field)
    if (!error) return await follow(action, action.done(field), place)
    // A session that ended meanwhile: its pages are no longer ours to show.
    if (error.status === 401 && form.dataset.action !== 'sign-in') return location.assign('/sign-in')
    setBusy(form, false)
    showError(form, error)
  } catch {
    setBusy(form, false)
    showError(form, { status: 0, message: 'There was no answer. Is the demo still running?' })
  }
}

/** Goes to the next page, or brings this one up to date without losing the reader's place. */
async function follow({ next }: Action, message: string, place: string | undefined): Promise<void> {
  if (next) {
    sessionStorage.setItem('message', message)
    return location.assign(next)
  }
  const answer = await fetch(location.href)
  if (answer.redirected) return location.assign(answer.url)
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  for (const part of ['header', 'main']) {
    const [now, then] = [document.querySelector(part), fresh.querySelector(part)]
    if (now && then) now.replaceWith(then)
  }
  start()
  // What was pressed may be gone: then it was about a session.
  const target = (place && document.getElementById(place)) || document.getElementById('sessions')
  target?.focus({ preventScroll: true })
  say(message)
}

function setBusy(form: HTMLFormElement, busy: boolean): void {
  form.ariaBusy = String(busy)
  for (const button of form.querySelectorAll('button')) button.disabled = busy
}

/** Tells what is wrong beside the form, and takes the reader to the field it is about. */
function showError(form: HTMLFormElement, error: Failure | undefined): void {
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
  // Forms of a single button have no place of their own.
  const place = form.querySelector('[role=alert]') ?? document.querySelector('#status')
  if (place) place.textContent = error ? error.message || 'Something went wrong.' : ''
  if (!error) return
  const about = /PASSWORD/.test(error.code ?? '') ? '[autocomplete$=password]' : '[type=email]'
  const input = form.querySelector<HTMLInputElement>(about) ?? form.querySelector<HTMLInputElement>('input')
  if (error.code) input?.setAttribute('aria-invalid', 'true')
  input?.focus()
}

let silence: ReturnType<typeof setTimeout> | undefined

/** Tells what was done, for a while. */
function say(message: string): void {
  const status = document.getElementById('status')
  if (!status) return
  status.textContent = message
  clearTimeout(silence)
  silence = setTimeout(() => say(''), 8000)
}

/** Buttons come disabled, so that nothing is sent before this script is there. */
function start(): void {
  for (const button of document.querySelectorAll('button')) button.disabled = false
}

start()
say(sessionStorage.getItem('message') ?? '')
sessionStorage.removeItem('message')
