/** What the types of the protocol's own client look into, in the shapes that they ask for. */
import type { Field, Fields } from '../store/table.ts'
import type { KeptOf } from './model.ts'

/** Its lists of literals are not readonly, and a field's own schema says nothing to it: so that is said as literals. */
type ClientType<F extends Field> = F extends { readonly validator: object }
  ? [KeptOf<F>] extends [string | null]
    ? NonNullable<KeptOf<F>>[]
    : F['type']
  : F['type'] extends readonly (infer L)[]
    ? L[]
    : F['type']

// No interface, which a declaration of the app would have to name.
type ClientField<F extends Field> = {
  type: ClientType<F>
  required: F['required'] extends false ? false : true
  input: F['input'] extends false ? false : true
  returned: F['returned'] extends false ? false : true
  defaultValue: F extends { readonly defaultValue: NonNullable<unknown> | null } ? true : undefined
}

type ClientFields<F extends Fields> = { [K in keyof F]: ClientField<F[K]> }

/** Where `inferAdditionalFields<typeof auth>()` looks. Types only: at run time there are the options as given. */
export interface ClientOptions<U extends Fields, S extends Fields> {
  readonly user: { readonly additionalFields: ClientFields<U> }
  readonly session: { readonly additionalFields: ClientFields<S> }
}

/** Where a client plugin's `$InferServerPlugin` looks. */
export type ClientSchema<U extends Fields, S extends Fields> = Fields extends U
  ? object
  : { readonly user: { readonly fields: ClientFields<U> }; readonly session: { readonly fields: ClientFields<S> } }
