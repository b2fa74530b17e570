import type { Problem } from './errors.ts'

/** What is said of an option that nothing reads. */
export function unknownOption(option: string, meant: string | undefined, known: readonly string[]): Problem {
  return {
    code: 'OPTION_UNKNOWN',
    message: `There is no option ${option}`,
    seen: option,
    expected: meant ?? `one of ${known.join(', ')}`,
    fix: meant ? `write ${meant} instead` : `leave ${option} out: nothing reads it`,
  }
}
