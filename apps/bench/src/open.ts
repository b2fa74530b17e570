import type { Contender, ContenderName, OpenOptions } from './contender.ts'

/** Loads a contender's library, and no other's. */
export async function openContender(name: ContenderName, options: OpenOptions): Promise<Contender> {
  switch (name) {
    case 'better-auth':
      return (await import('./better-auth.ts')).openBetterAuth(options)
    case 'floor':
      return (await import('./floor.ts')).openFloor(options)
    case 'keystile':
      return (await import('./keystile.ts')).openKeystile(options)
    case 'Auth.js':
      return (await import('./auth-js.ts')).openAuthJs(options)
    case 'iron-session':
      return (await import('./iron-session.ts')).openIronSession()
  }
}
