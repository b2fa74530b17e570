/** A logger whose lines cannot be forged: one event is one line, control characters are escaped. */
import type { Logger } from './environment.ts'

export type Level = keyof Logger

const order: readonly Level[] = ['debug', 'info', 'warn', 'error']

export interface LoggerOptions {
  readonly disabled?: boolean | undefined
  /** The least that is told; default `warn`. */
  readonly level?: Level | undefined
  readonly log?: ((level: Level, message: string, details?: unknown) => void) | undefined
}

export function createLogger(options: LoggerOptions = {}): Logger {
  const least = options.disabled ? order.length : order.indexOf(options.level ?? 'warn')
  const write = options.log ?? toConsole
  const at =
    (level: Level) =>
    (message: string, details?: unknown): void => {
      if (order.indexOf(level) >= least) write(level, oneLine(message), details)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
/** Text as one printable line. */
export function oneLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: control characters are what is escaped

function toConsole(level: Level, message: string, details?: unknown): void {
  const line = `[keystile] ${message}`
  // biome-ignore lint/suspicious/noConsole: the place to which an app that says nothing else is told
  console[level](...(details === undefined ? [line] : [line, details]))
}
