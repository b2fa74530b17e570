/** Validation by any Standard Schema library. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { baseCodes } from '../domain/codes.ts'
import { APIError } from '../lib/errors.ts'
import type { Issue } from './error-format.ts'

const parts = ['body', 'query', 'params', 'headers', 'cookies'] as const
type Part = (typeof parts)[number]

/**
 * The parts of a request, each as its schema reads it, or as it came where it has none.
 *
 * @throws APIError 400 with the issues of all parts.
 */
export async function parseParts<T extends Readonly<Record<Part, unknown>>>(
  schemas: { readonly [P in Part]?: StandardSchemaV1 | undefined },
  came: T,
): Promise<T> {
  const parsed: Partial<Record<Part, unknown>> = {}
  const issues: Issue[] = []
  for (const part of parts) {
    const schema = schemas[part]
    if (!schema) continue
    const result = await schema['~standard'].validate(came[part])
    if (!result.issues) parsed[part] = result.value
    else for (const { message, path } of named(result.issues)) issues.push({ in: part, path: keysOf(path), message })
  }
  if (issues.length > 0) throw validationFailed(issues)
  return { ...came, ...parsed }
}

/** What is wrong with a reply; undefined where nothing is. */
export async function replyProblem(schema: StandardSchemaV1, reply: unknown): Promise<string | undefined> {
  const { issues } = await schema['~standard'].validate(reply)
  if (!issues) return undefined
  return named(issues)
    .map(({ message, path }) => `${keysOf(path).join('.') || 'reply'}: ${message}`)
    .join('; ')
}

/** A list of issues is a failure even where it is empty. */
const named = (issues: readonly StandardSchemaV1.Issue[]): readonly StandardSchemaV1.Issue[] =>
  issues.length > 0 ? issues : [{ message: 'Invalid input' }]

function validationFailed(issues: readonly Issue[]): APIError {
  const message = issues.map(({ in: part, path, message }) => `[${[part, ...path].join('.')}] ${message}`).join('; ')
  return new APIError(400, { message, code: baseCodes.VALIDATION_ERROR.code, issues })
}

function keysOf(path: StandardSchemaV1.Issue['path']): (string | number)[] {
  return (path ?? []).map((step) => {
    const key = typeof step === 'object' ? step.key : step
    return typeof key === 'symbol' ? String(key) : key
  })
}
