/** The generations of the official client that are about. */

import * as client176 from 'better-auth/client'
import * as plugins176 from 'better-auth/client/plugins'
import * as client16 from 'better-auth-1.6/client'
import * as plugins16 from 'better-auth-1.6/client/plugins'
import * as client171 from 'better-auth-1.7.1/client'
import * as plugins171 from 'better-auth-1.7.1/client/plugins'

type Generation = Pick<typeof client176, 'createAuthClient'> & Pick<typeof plugins176, 'usernameClient'>

// Typed as the newest: what the older ones lack (`hydrateSession`) is not used.
export const generations = {
  '1.6.34': { ...client16, ...plugins16 } as unknown as Generation,
  '1.7.1': { ...client171, ...plugins171 } as unknown as Generation,
  '1.7.6': { ...client176, ...plugins176 },
} satisfies Record<string, Generation>
