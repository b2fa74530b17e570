import { schemeProblem } from '../contract/scheme.ts'

/** A scheme of sessions was given to an app without them. */
export const noAuth = (name: string) =>
  schemeProblem(name, {
    code: 'SCHEME_WITHOUT_AUTH',
    message: 'there are no sessions to read: no auth instance is given',
    seen: 'no auth',
    expected: 'what createAuth returned',
    fix: 'createApi({ auth, … })',
  })
