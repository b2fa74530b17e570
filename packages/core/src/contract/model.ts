/**
 * The app's own rows in the types: endpoints leave *holes* where a user or a session goes, `auth.api` fills them, one
 * level deep.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import type { SessionRow, UserRow } from '../domain/model.ts'
import type { Field, Fields } from '../store/table.ts'

/** The rows of an app, as clients see them. */
export interface Model {
  user: object
  session: object
}

/** The same with what sign-up and update take beside the core's own. */
export interface InputModel extends Model {
  userInput: object
}

/** Whole rows, as the server keeps them: fields that are never returned are in them. */
export interface AppRows {
  user: UserRow
  session: SessionRow
}

declare const hole: unique symbol
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
export type FillInput<I, M extends InputModel> = I extends { readonly '~open': infer Act; readonly body?: infer B }
  ? Omit<I, '~open' | 'body'> & {
      readonly body: NonNullable<B> & (Act extends 'create' ? M['userInput'] : Partial<M['userInput']>)
    }
  : I

interface Values {
  string: string
  number: number
  boolean: boolean
  date: Date
  json: unknown
  'string[]': string[]
  'number[]': number[]
}
type Value<T> = T extends keyof Values ? Values[T] : T extends readonly (infer L)[] ? L : never

/** What an app's declarations say of a field's own Standard Schema: what it takes, and what it makes of that. */
export interface FieldSchema<I = unknown, O = unknown> extends StandardSchemaV1<I, O> {}
/** A field with such a schema, whatever made it: it says more than the field's type. */
interface Checked<I, O> {
  readonly validator: {
    readonly input: { readonly '~standard': { readonly types?: { readonly input: I; readonly output: O } | undefined } }
  }
}

/** Fields as an app's declarations print them. Looked up, for the reason that `AppTypes` is. */
export interface PrintedFields<F extends Fields> {
  fields: {
    readonly [K in keyof F]: F[K] extends Checked<infer I, infer O>
      ? { readonly [W in keyof F[K]]: W extends 'validator' ? { readonly input: FieldSchema<I, O> } : F[K][W] }
      : F[K]
  }
}

type OrNull<F extends Field, V> = F['required'] extends false ? V | null : V
/** The value that is kept and goes out. */
export type KeptOf<F extends Field> = OrNull<F, F extends Checked<infer _, infer O> ? O : Value<F['type']>>
/** The value that is taken. */
type TakenOf<F extends Field> = OrNull<F, F extends Checked<infer I, infer _> ? I : Value<F['type']>>

type Hidden = { readonly returned: false }
type Closed = { readonly input: false }
/** What need not be given. */
type Spared = { readonly required: false } | { readonly defaultValue: NonNullable<unknown> | null }

/** A whole row of declared fields, as the server keeps it. */
export type StoredOf<F extends Fields> = { -readonly [K in keyof F]: KeptOf<F[K]> }

/** What clients see of declared fields. */
export type RowOf<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends Hidden ? never : K]: KeptOf<F[K]>
}

/** What clients may send of declared fields. */
export type InputOf<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends Closed | Spared ? never : K]: TakenOf<F[K]>
} & {
  -readonly [K in keyof F as F[K] extends Closed ? never : F[K] extends Spared ? K : never]?: TakenOf<F[K]> | undefined
}
