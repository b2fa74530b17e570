/** What goes wrong, and where: the calls of a flow counted from the first, each of which may be made to fail. */
import { StoreUnavailable } from '@keystile/core'

export const kinds = ['unavailable', 'error', 'lost', 'down', 'late', 'hang'] as const

/**
 * `unavailable`: refused as a database refuses. `error`: fails as nobody foresaw. `lost`: done, and then reported as
 * failed. `down`: refused, and so is all that follows. `late`: done, and answered some turns of the event loop later.
 * `hang`: neither done nor answered until told.
 */
export type FaultKind = (typeof kinds)[number]

/** Those that are no success after all; a call that hangs may become one. */
export type Failure = Exclude<FaultKind, 'late'>

export interface Fault {
  /** Which call, from 0. */
  readonly at: number
  readonly kind: FaultKind
}

interface Signal {
  readonly promise: Promise<void>
  readonly give: () => void
}

function signal(): Signal {
  let give = () => {}
  const promise = new Promise<void>((resolve) => {
    give = resolve
  })
  return { promise, give }
}

/** How a failure shows. */
export interface Manner {
  /** The error of a call that is refused. */
  readonly refusal: () => Error
  /** What else goes with a call that fails or hangs. */
  readonly broken?: (() => void) | undefined
}

const away: Manner = { refusal: () => new StoreUnavailable('the database is away') }

/** Every call goes through `pass`, which lets the armed faults happen to it. */
export class Faults {
  /** What was called since `arm`, in order. */
  calls: string[] = []
  /** What has really happened of that which was armed. */
  happened: Failure[] = []
  /** The calls that it happened to. */
  failed: string[] = []
  /** Whether a call hangs that was made inside a transaction. */
  hanging: 'no' | 'outside' | 'inside' = 'no'
  readonly #manner: Manner
  #armed: readonly Fault[] = []
  #down = false
  #aside = false
  #isTold = false
  #hung = signal()
  #told = signal()

  constructor(manner = away) {
    this.#manner = manner
  }

  arm(...faults: readonly Fault[]): void {
    this.calls = []
    this.happened = []
    this.failed = []
    this.#armed = faults
    this.#down = false
    this.#isTold = false
    this.hanging = 'no'
    this.#hung = signal()
    this.#told = signal()
  }

  /** Resolves when a call hangs. */
  get hung(): Promise<void> {
    return this.#hung.promise
  }

  /** Runs what is no part of the flow: its calls are not counted and do not fail. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.#aside = true
    try {
      return await work()
    } finally {
      this.#aside = false
    }
  }

  /** Lets what hangs go on: no failure, as far as it is still waited for. */
  tell(): void {
    this.happened = this.happened.filter((failure) => failure !== 'hang')
    this.#isTold = true
    this.#told.give()
  }

  async pass<T>(name: string, inside: boolean, call: () => Promise<T>): Promise<T> {
    if (this.#aside) return call()
    const at = this.calls.push(name) - 1
    const kind = this.#armed.find((fault) => fault.at === at)?.kind
    if (kind === 'down') this.#down = true
    if (this.#down || kind === 'unavailable') throw this.#fail(this.#down ? 'down' : 'unavailable', name)
    if (kind === 'error') throw this.#fail(kind, name)
    if (kind === 'hang' && !this.#isTold) {
      this.#fail(kind, name)
      this.hanging = inside ? 'inside' : 'outside'
      this.#hung.give()
      await this.#told.promise
    }
    const result = await call()
    if (kind === 'lost') throw this.#fail(kind, name)
    if (kind === 'late') for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    return result
  }

  #fail(failure: Failure, name: string): Error {
    // What was to be taken back is gone with the connection, or will be: nobody need hear of it.
    if (name !== 'rollback') {
      this.happened.push(failure)
      this.failed.push(name)
    }
    this.#manner.broken?.()
    return failure === 'error' ? new Error('something that nobody foresaw') : this.#manner.refusal()
  }
}
