import { ConfigError } from '../../lib/errors.ts'

/** Runs once; a failure is not kept, except that of a configuration, which does not mend itself. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => {
    loaded ??= load().catch((error) => {
      if (!(error instanceof ConfigError)) loaded = undefined
      throw error
    })
    return loaded
  }
}
