/** The secrets an app runs under, newest first: options, then environment. There is no built-in one. */
import type { Options } from '../contract/options.ts'
import { toBase64Url } from '../lib/bytes.ts'
import type { Env, Logger } from '../lib/environment.ts'
import type { Problem } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'

const shortest = 32
const makeOne = 'openssl rand -base64 32'
/** Values that stand in documentation and templates: everybody knows them. */
const wellKnown = /^(?:better-auth-secret|change-?me|secret|password|keystile|your-?secret)/i

export function resolveSecrets(
  options: Options,
  env: Env,
  production: boolean,
  random: Random,
  logger: Logger,
  problems: Problem[],
): readonly string[] {
  const rotation = listed(options, env, problems)
  // Beside a rotation an environment's single secret is not ours to trust: another library may have put it there.
  const secrets = rotation.length > 0 ? [...rotation, ...given(options.secret)] : single(options, env)
  const [current] = secrets
  if (current === undefined) {
    if (!production) {
      logger.warn('no secret is set: a random one serves until this process ends, and sessions end with it')
      return [toBase64Url(random(32))]
    }
    // One that is no text is told already, and not missing.
    if (problems.some(({ message }) => message.startsWith('The option secret'))) return ['']
    problems.push({
      code: 'SECRET_MISSING',
      message: 'No secret is set',
      seen: 'neither secret nor KEYSTILE_SECRET',
      expected: `at least ${shortest} random characters`,
      fix: `set KEYSTILE_SECRET in the environment to the output of \`${makeOne}\`; while developing, NODE_ENV=development goes without`,
    })
    return ['']
  }
  // An older secret verifies still, so a weak one opens as much as a weak first one.
  for (const secret of secrets) {
    const weakness = weaknessOf(secret)
    if (!weakness) continue
    if (!production) {
      logger.warn(`${weakness}: production refuses it`)
      continue
    }
    problems.push({
      code: 'SECRET_WEAK',
      message: weakness,
      seen: `a secret of ${secret.length} characters, ${new Set(secret).size} of them different`,
      expected: `at least ${shortest} random characters`,
      fix: `set KEYSTILE_SECRET in the environment to the output of \`${makeOne}\``,
    })
  }
  return secrets
}

function weaknessOf(secret: string): string | undefined {
  if (secret.length < shortest) return `The secret has ${secret.length} characters; it needs ${shortest}`
  if (wellKnown.test(secret)) return 'The secret is an example that everybody knows'
  return new Set(secret).size < 8 ? 'The secret repeats a few characters' : undefined
}

function single(options: Options, env: Env): readonly string[] {
  return given(options.secret || env.KEYSTILE_SECRET || env.BETTER_AUTH_SECRET || env.AUTH_SECRET)
}

const given = (secret: string | undefined): readonly string[] => (secret ? [secret] : [])

/** `secrets`, or `"2:newer,1:older"` from the environment. */
function listed(options: Options, env: Env, problems: Problem[]): readonly string[] {
  const text = env.KEYSTILE_SECRETS || env.BETTER_AUTH_SECRETS
  const list =
    options.secrets ??
    text?.split(',').map((entry) => {
      const colon = entry.indexOf(':')
      return { version: Number(entry.slice(0, colon)), value: entry.slice(colon + 1) }
    }) ??
    []
  const versions = list.map(({ version }) => version)
  const wrong =
    versions.some((version) => !Number.isInteger(version) || version < 0) || new Set(versions).size < versions.length
  if (wrong || list.some(({ value }) => !value)) {
    problems.push({
      code: 'SECRETS_INVALID',
      message: 'secrets needs a version (0, 1, 2 …, each once) and a value in every entry',
      seen: list.map(({ version, value }) => `version ${version} ${value ? 'with' : 'without'} a value`).join(', '),
      expected: 'whole numbers, each once, each with a value',
      fix: "write secrets: [{ version: 2, value: '…' }, { version: 1, value: '…' }], newest first",
    })
  }
  return list.map(({ value }) => value)
}
