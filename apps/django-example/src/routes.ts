/** What both services answer, whatever their framework. */
import { type Django, DjangoError, type DjangoRequest } from '@keystile/django'

export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** One request, and the JSON that came with it. */
export interface Call {
  readonly django: Django
  readonly auth: DjangoRequest
  readonly body: Readonly<Record<string, unknown>>
}

export type Route = (call: Call) => Promise<Reply>

const reply = (status: number, body: unknown): Reply => ({ status, body })
const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** A token for the header `X-CSRFToken`, which every change must carry. */
export const csrf: Route = async ({ auth }) => reply(200, { token: await auth.csrfToken() })

/** Who is signed in, here or at Django. */
export const me: Route = async ({ auth }) => {
  const user = await auth.user()
  if (!user) return reply(401, { error: 'Nobody is signed in' })
  const session = await auth.session()
  return reply(200, {
    id: user.id,
    username: user.get('username'),
    email: user.get('email'),
    note: session.get('note') ?? null,
    permissions: [...(await user.getAllPermissions())],
  })
}

export const logIn: Route = async ({ django, auth, body }) => {
  const user = await django.authenticate(text(body.username), text(body.password))
  if (!user) return reply(401, { error: 'The name or the password is wrong' })
  await auth.login(user)
  return reply(200, { id: user.id })
}

export const logOut: Route = async ({ auth }) => {
  await auth.logout()
  return reply(200, {})
}

export const register: Route = async ({ django, auth, body }) => {
  const [username, password] = [text(body.username), text(body.password)]
  if (!username || password.length < 8) return reply(400, { error: 'A name, and a password of 8 characters or more' })
  try {
    const user = await django.users.register({ username, password, email: text(body.email) })
    await auth.login(user)
    return reply(201, { id: user.id })
  } catch (error) {
    if (error instanceof DjangoError && error.code === 'USERNAME_TAKEN')
      return reply(409, { error: 'That name is taken' })
    throw error
  }
}

export const changePassword: Route = async ({ auth, body }) => {
  const user = await auth.user()
  if (!user) return reply(401, { error: 'Nobody is signed in' })
  if (!(await user.checkPassword(text(body.current)))) return reply(403, { error: 'The current password is wrong' })
  if (text(body.password).length < 8) return reply(400, { error: 'A password of 8 characters or more' })
  await user.setPassword(text(body.password))
  await user.save(['password'])
  // Every other session of this user has ended; this one goes on.
  await auth.updateSessionAuthHash(user)
  return reply(200, {})
}

/** Something in the session, which Django reads and writes too. */
export const note: Route = async ({ auth, body }) => {
  const session = await auth.session()
  session.set('note', text(body.note))
  return reply(200, {})
}

export const reads: Readonly<Record<string, Route>> = { '/csrf': csrf, '/me': me }
export const changes: Readonly<Record<string, Route>> = {
  '/login': logIn,
  '/logout': logOut,
  '/register': register,
  '/password': changePassword,
  '/note': note,
}
