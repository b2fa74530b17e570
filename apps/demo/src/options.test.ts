import { isAbsolute } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readOptions } from './options.ts'

describe('readOptions', () => {
  it('is Hono on port 3000 over a file of its own unless told otherwise', () => {
    const options = readOptions([], {})
    expect(options).toMatchObject({ framework: 'hono', port: 3000 })
    expect(options?.database).toMatch(/demo[\\/]\.keystile[\\/]demo\.db$/)
  })

  it('takes framework, port and file', () => {
    const options = readOptions(['--framework', 'express', '--port', '8080', '--database', 'mine.db'], {})
    expect(options).toMatchObject({ framework: 'express', port: 8080 })
    expect(isAbsolute(options?.database ?? '')).toBe(true)
  })

  it('reads PORT, which an argument overrides', () => {
    expect(readOptions([], { PORT: '4000' })?.port).toBe(4000)
    expect(readOptions(['--port=5000'], { PORT: '4000' })?.port).toBe(5000)
  })

  it.each([[['--framework', 'django']], [['--port', 'http']], [['--port', '65536']], [['--colour']]])(
    'refuses %j',
    (args) => {
      expect(() => readOptions(args, {})).toThrow()
    },
  )

  it('is nothing when help is asked for', () => {
    expect(readOptions(['--help'], {})).toBeUndefined()
  })
})
