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
  if (issue.kind === 'validation') {
    switch (issue.type) {
      case 'min_length':
        return `Too small: expected string to have >=${issue.requirement} characters`
      case 'max_length':
        return `Too big: expected string to have <=${issue.requirement} characters`
      default:
        return issue.message
    }
  }
  if (issue.type === 'union' || issue.type === 'variant') return 'Invalid input'
  const expected = schemaAt(schema, path)?.expects ?? issue.expected ?? 'value'
  return `Invalid input: expected ${wordFor(expected)}, received ${kindOf(issue.input)}`
}

const words: Readonly<Record<string, string>> = { Object: 'object', Array: 'array', '(Object | undefined)': 'object' }

/** The innermost kind of «a kind or nothing». */
function wordFor(expected: string): string {
  const kind = expected
    .replace(/^\(|\)$/g, '')
    .split(' | ')
    .find((k) => k !== 'null' && k !== 'undefined')
  return words[kind ?? ''] ?? kind ?? 'value'
}

/** The schema that stands at a path of an object schema, if one does. */
function schemaAt(schema: v.GenericSchema, path: readonly string[]): { readonly expects: string } | undefined {
  let at: unknown = schema
  for (const key of path) {
    while (isWrapped(at)) at = at.wrapped
    const entries = (at as { entries?: Record<string, unknown> } | undefined)?.entries
    at = entries && Object.hasOwn(entries, key) ? entries[key] : undefined
  }
  return at as { readonly expects: string } | undefined
}

function isWrapped(schema: unknown): schema is { readonly wrapped: unknown } {
  return typeof schema === 'object' && schema !== null && 'wrapped' in schema
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}
