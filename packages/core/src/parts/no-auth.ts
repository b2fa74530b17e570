import { startProblem } from '../contract/scheme.ts'

/** What reads or opens sessions was given to an app without them. */
export const noAuth = (owner: string) =>
  startProblem(owner, {
    code: 'SCHEME_WITHOUT_AUTH',
    message: 'there are no users and sessions: no auth instance is given',
    seen: 'no auth',
    expected: 'what createAuth returned',
    fix: 'createApi({ auth, … })',
  })
