import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slowness } from '../../../packages/core/test/best-of.ts'
import { readCorpus } from '../src/fuzz/corpus.ts'
import { loop } from '../src/fuzz/loop.ts'
import { judge as judgeBy, type Meter, ofProcess, type Target } from '../src/fuzz/target.ts'
import { type TargetName, targetNames, targets } from '../src/fuzz/targets.ts'

/** Words, characters and bytes in any order. */
function inputs(words: readonly string[]): fc.Arbitrary<Uint8Array> {
  const part = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...words).map((word) => Buffer.from(word)) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)) },
  )
  return fc.array(part, { maxLength: 24 }).map((parts) => Buffer.concat(parts))
}

/** Judges by the times of a machine at its usual speed. */
async function judge(target: Target, input: Uint8Array): Promise<void> {
  const times = await slowness()
  const meter: Meter = { passed: () => ofProcess.passed() / times, worked: () => ofProcess.worked() / times }
  await judgeBy(target, input, meter)
}

describe.each(targetNames)('%s: no failure, nothing slow, nothing polluted', (name: TargetName) => {
  it('in the corpus', async () => {
    const [target, corpus] = await Promise.all([targets[name](), readCorpus(name)])
    expect(corpus.length).toBeGreaterThan(0)
    for (const entry of corpus) {
      await judge(target, entry.input).catch((error: unknown) => {
        throw new Error(`${name}, ${entry.name}: ${error}`, { cause: error })
      })
    }
  })

  it('in random arrangements of its words', async () => {
    const target = await targets[name]()
    const holds = fc.asyncProperty(inputs(target.words), (input) => judge(target, input))
    await fc.assert(holds, { numRuns: 300, seed: 1 })
  })

  it('in each of its words, and long runs of it', async () => {
    const target = await targets[name]()
    // A mark stands for over a thousand characters, which are a word of their own.
    for (const word of target.words.filter((each) => !/^\{\w+\}$/.test(each))) {
      for (const length of [1, 1000, 100_000]) {
        await judge(target, Buffer.from(word.repeat(Math.ceil(length / word.length))))
      }
    }
  })
})

/** Fails on inputs that begin with `bug!`, which it finds out a letter at a time. */
function lock(branches: Uint8Array): Target {
  return {
    words: ['x'],
    async run(input) {
      const right = [...'bug!'].findIndex((letter, i) => input[i] !== letter.charCodeAt(0))
      branches[right + 1] = (branches[right + 1] as number) + 1
      if (right === -1) throw new Error('found')
    },
  }
}

describe('the fuzzer itself', () => {
  it('is led by branches to what chance alone would not find', async () => {
    const branches = new Uint8Array(16)
    let runs = 0
    let state = 1
    const random = () => {
      state = (state * 48271) % 2147483647
      return state / 2147483647
    }
    const options = { seeds: [], words: [], branches, random, done: () => ++runs > 30_000 }
    const { findings } = await loop({ ...options, target: lock(branches) })
    expect(findings.map(({ error }) => String(error))).toEqual(['Error: found'])
    expect(Buffer.from(findings[0]?.input ?? []).toString('latin1')).toMatch(/^bug!/)
  })

  it('sees what is added to a shared prototype, and takes it away', async () => {
    const target: Target = {
      words: [],
      async run() {
        Object.assign(Object.prototype, { polluted: 1 })
      },
    }
    await expect(judge(target, new Uint8Array())).rejects.toThrow('a shared prototype gained polluted')
    expect('polluted' in {}).toBe(false)
  })

  it('sees what is slow each time, and not what was slow once or kept waiting', async () => {
    let [passed, worked, calls] = [0, 0, 0]
    const meter = { passed: () => passed, worked: () => worked }
    const costing = (work: (call: number) => number, wait = 0): Target => ({
      words: [],
      run: async () => {
        const spent = work(calls++)
        worked += spent
        passed += spent + wait
      },
    })
    const judged = async (target: Target) => {
      calls = 0
      await judgeBy(target, new Uint8Array(), meter)
      return calls
    }
    expect(await judged(costing(() => 100))).toBe(1)
    expect(await judged(costing((call) => (call === 0 ? 101 : 0)))).toBe(2)
    expect(await judged(costing(() => 100, 900))).toBe(1)
    await expect(judged(costing(() => 101))).rejects.toThrow('took 101 ms of work in 101 ms, and no less 8 times')
    await expect(judged(costing(() => 100, 901))).rejects.toThrow('took 100 ms of work in 1001 ms')
  })
})
