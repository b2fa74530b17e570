/** The protocol's words for what is wrong with a body or a query. */
import type * as v from 'valibot'
import { baseCodes } from '../domain/codes.ts'
import { APIError } from '../lib/errors.ts'

type Part = 'body' | 'query'

export function validationError(message: string): APIError {
  return new APIError(400, { message, code: baseCodes.VALIDATION_ERROR.code })
}

/** The error for a part that is not even an object: one sentence for each thing it should have been. */
export function notAnObject(part: Part, value: unknown, expected: readonly string[]): APIError {
  const received = kindOf(value)
  return validationError(expected.map((e) => `[${part}] Invalid input: expected ${e}, received ${received}`).join('; '))
}

/** All issues of a failed parse, in the protocol's words. */
export function issuesError(part: Part, schema: v.GenericSchema, issues: readonly v.BaseIssue<unknown>[]): APIError {
  return validationError(
    issues
      .map((issue) => {
        const path = (issue.path ?? []).map((item) => String(item.key))
        return `[${[part, ...path].join('.')}] ${textOf(issue, schema, path)}`
      })
      .join('; '),
  )
}

function textOf(issue: v.BaseIssue<unknown>, schema: v.GenericSchema, path: readonly string[]): string {
  const { kind, type, input } = issue
  if (type === 'min_length') return `Too small: expected ${sizeOf(input, '>=', issue.requirement)}`
  if (type === 'max_length') return `Too big: expected ${sizeOf(input, '<=', issue.requirement)}`
  if (kind !== 'schema') return issue.message
  if (type === 'union' || type === 'variant') return 'Invalid input'
  const expected = schemaAt(schema, path)?.expects ?? issue.expected ?? 'value'
  return `Invalid input: expected ${wordFor(expected)}, received ${kindOf(input)}`
}

const sizeOf = (value: unknown, sign: string, bound: unknown) =>
  Array.isArray(value) ? `array to have ${sign}${bound} items` : `string to have ${sign}${bound} characters`

const words: Readonly<Record<string, string>> = { Object: 'object', Array: 'array' }

/** The innermost kind of «a kind or nothing», which valibot names first. */
function wordFor(expected: string): string {
  const [kind = expected] = expected.replace(/^\(+/, '').split(' | ')
  return words[kind] ?? kind
}

interface Node {
  readonly expects: string
  readonly wrapped?: Node
  readonly entries?: Readonly<Record<string, Node>>
}

/** The schema that stands at a path of an object schema, if one does. */
function schemaAt(schema: Node, path: readonly string[]): Node | undefined {
  let at: Node | undefined = schema
  for (const key of path) {
    while (at?.wrapped) at = at.wrapped
    at = at?.entries && Object.hasOwn(at.entries, key) ? at.entries[key] : undefined
  }
  return at
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}
