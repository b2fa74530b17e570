import { flag, type Members, text } from '../lib/kinds.ts'
import type { GateOptions } from './gate.ts'

/** What each option holds that the gates of all frameworks have. */
export const gateKinds: Members<GateOptions> = { name: text, cors: flag }
