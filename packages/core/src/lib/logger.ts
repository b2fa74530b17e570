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
  // biome-ignore lint/suspicious/noConsole: the place to which an app that says nothing else is told
  console[level](`[keystile] ${message}${details === undefined ? '' : `: ${oneLine(describe(details))}`}`)
}

/** How many causes of an error are told. */
const mostCauses = 4

/** An error with its stack and what caused it, without line breaks of its own; other values as JSON. */
function describe(details: unknown): string {
  const told: string[] = []
  for (let at = details; at instanceof Error && told.length < mostCauses; at = at.cause) {
    told.push((at.stack ?? String(at)).replace(/\s*\n\s*/g, ' | '))
  }
  return told.length > 0 ? told.join(' | caused by ') : (JSON.stringify(details) ?? String(details))
}
