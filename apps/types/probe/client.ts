import { createAuthClient } from 'better-auth-client/client'
import { inferAdditionalFields, usernameClient } from 'better-auth-client/client/plugins'
import type { BetterAuthClientPlugin } from 'better-auth-client/client'
import type { auth } from './rich.ts'
import type { username } from '@keystile/plugins/username'
export const client = createAuthClient({ plugins: [inferAdditionalFields<typeof auth>()] })
type U = typeof client.$Infer.Session.user
type S = typeof client.$Infer.Session.session
export const plan: 'free' | 'pro' = {} as U['plan']
export const un: string | null | undefined = {} as U['username']
export const col: 'red' | 'blue' | null | undefined = {} as U['colour']
export const dev: string | null | undefined = {} as S['device']
// @ts-expect-error hidden
export type Hidden = U['secretNote']
const ours = () => ({ id: 'username', $InferServerPlugin: {} as ReturnType<typeof username> }) satisfies BetterAuthClientPlugin
export const client2 = createAuthClient({ plugins: [ours()] })
export const un2: string | null | undefined = {} as typeof client2.$Infer.Session.user.username
export const f = () => client.signUp.email({ name: '', email: '', password: '', plan: 'pro', born: new Date() })
// @ts-expect-error
export const g = () => client.signUp.email({ name: '', email: '', password: '', born: new Date() })
// @ts-expect-error
export const h = () => client.signUp.email({ name: '', email: '', password: '', plan: 'gold', born: new Date() })
export const i = () => client2.signUp.email({ name: '', email: '', password: '', username: 'x' })
export const client3 = createAuthClient({ plugins: [inferAdditionalFields<typeof auth>(), usernameClient()] })
export const j = () => client3.signIn.username({ username: 'x', password: 'y' })
export const k = () => client2.signIn.username({ username: 'x', password: 'y' })
