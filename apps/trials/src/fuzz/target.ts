/** What is fuzzed: a function of bytes that throws where a promise is broken, and the promises that hold for every one. */

export interface Target {
  /** Texts that mutations and generators weave in. */
  readonly words: readonly string[]
  /** Runs one input; throws where the answer is not what it must be. */
  run(input: Uint8Array): Promise<void>
}

/** Milliseconds of work within which every input is answered. */
const longest = 100
/** Milliseconds that may pass in all: a machine that is busy with other things takes its time. */
const longestWait = 1000
/** Reads how long things take, in milliseconds. */
export interface Meter {
  /** Time by the clock on the wall. */
  passed(): number
  /** Time the processor spent. */
  worked(): number
}

export const ofProcess: Meter = {
  passed: () => performance.now(),
  worked: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
}

/** How often a slow answer is asked for before it is believed. */
const attempts = 8

const shared = [Object, Array, Function, String, Number, Boolean, Map, Set, Promise, RegExp, Date, Error].map(
  ({ prototype }) => ({ prototype: prototype as object, keys: Reflect.ownKeys(prototype) }),
)

/** Throws where something was added to a prototype that everything shares, and takes it away. */
function checkPrototypes(): void {
  for (const { prototype, keys } of shared) {
    const now = Reflect.ownKeys(prototype)
    if (now.length === keys.length) continue
    const added = now.filter((key) => !keys.includes(key))
    for (const key of added) Reflect.deleteProperty(prototype, key)
    throw new Error(`a shared prototype gained ${added.map(String).join(', ')}`)
  }
}

/**
 * Runs an input under every promise. A slow answer is asked for again: a machine that stalls does so once, an input
 * that costs too much costs it each time.
 */
export async function judge(target: Target, input: Uint8Array, meter = ofProcess): Promise<void> {
  let slow = ''
  for (let attempt = 0; attempt < attempts; attempt++) {
    const [started, before] = [meter.passed(), meter.worked()]
    await target.run(input)
    checkPrototypes()
    const took = meter.passed() - started
    if (took <= longest) return
    const worked = meter.worked() - before
    if (worked <= longest && took <= longestWait) return
    slow = `${Math.round(worked)} ms of work in ${Math.round(took)} ms`
  }
  throw new Error(`the answer took ${slow}, and no less ${attempts} times`)
}

/** The bytes of an input as text, one character a byte, as headers have it. */
export const latin1 = (input: Uint8Array): string => Buffer.from(input).toString('latin1')

/** The bytes of an input as UTF-8; what is none becomes U+FFFD. */
export const text = (input: Uint8Array): string => Buffer.from(input).toString('utf8')
