/**
 * The app's own rows in the types: endpoints leave *holes* where a user or a session goes, `auth.api` fills them, one
 * level deep.
 */
import * as v from 'valibot'
import type { Field, Fields } from '../store/table.ts'

/** The rows of an app: what goes out of `user` and `session`, and what sign-up and update take beside the core's own. */
export interface Model {
  user: object
  session: object
  userInput: object
}

export declare const hole: unique symbol
/** A place that the app's row fills. */
export interface Hole<N extends keyof Model> {
  readonly [hole]: N
}

/** Types only: what adapters and clients need to know of an auth instance. */
export interface HasModel<M extends Model = Model> {
  readonly '~model': M
}

/** The user as clients see it, without the app's additions. */
export interface BaseUser {
  id: string
  name: string
  email: string
  emailVerified: boolean
  image: string | null
  createdAt: Date
  updatedAt: Date
}

/** The session as clients see it, without the app's additions. */
export interface BaseSession {
  id: string
  token: string
  userId: string
  expiresAt: Date
  createdAt: Date
  updatedAt: Date
  ipAddress: string | null
  userAgent: string | null
}

/** A session and its user. */
export interface SessionPair<M extends Model = Model> {
  session: M['session']
  user: M['user']
}

const holeSchema = <N extends keyof Model>(name: N) =>
  v.pipe(
    v.custom<Hole<N>>((value) => typeof value === 'object' && value !== null),
    v.metadata({ hole: name }),
  )

/** A user, as it goes out. */
export const userOut = holeSchema('user')
/** A session, as it goes out. */
export const sessionOut = holeSchema('session')

type Fill<T, M extends Model> = T extends Hole<infer N> ? M[N] : T
/** A reply with its holes filled: replies are flat by rule, so one level is enough. */
export type FillReply<T, M extends Model> =
  T extends Hole<infer N>
    ? M[N]
    : T extends readonly (infer E)[]
      ? FillReply<E, M>[]
      : T extends Date
        ? T
        : T extends object
          ? { [K in keyof T]: Fill<T[K], M> }
          : T
/** A call's input, with the app's own input fields where the endpoint takes them. */
export type FillInput<I, M extends Model> = I extends { readonly '~open': infer Act; readonly body?: infer B }
  ? Omit<I, '~open' | 'body'> & {
      readonly body: NonNullable<B> & (Act extends 'create' ? M['userInput'] : Partial<M['userInput']>)
    }
  : I

type Value<T> = T extends 'string'
  ? string
  : T extends 'number'
    ? number
    : T extends 'boolean'
      ? boolean
      : T extends 'date'
        ? Date
        : T extends 'string[]'
          ? string[]
          : T extends 'number[]'
            ? number[]
            : T extends readonly (infer L)[]
              ? L
              : unknown

type ValueOf<F extends Field> = F['required'] extends false ? Value<F['type']> | null : Value<F['type']>
type Demanded<F extends Field> = F extends { readonly required: false } | { readonly defaultValue: {} | null }
  ? false
  : true

/** What clients see of declared fields. */
export type RowOf<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends { readonly returned: false } ? never : K]: ValueOf<F[K]>
}

/** What clients may send of declared fields. */
export type InputOf<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends { readonly input: false }
    ? never
    : Demanded<F[K]> extends true
      ? K
      : never]: ValueOf<F[K]>
} & {
  -readonly [K in keyof F as F[K] extends { readonly input: false }
    ? never
    : Demanded<F[K]> extends true
      ? never
      : K]?: ValueOf<F[K]> | undefined
}
