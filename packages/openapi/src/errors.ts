/** How refusals look: one schema for each format, and what its own formatter makes of a code as examples. */
import { APIError, type ErrorCode } from '@keystile/core'
import type { ErrorFormat, FormatError } from '@keystile/core/api'
import type { Components } from './components.ts'
import type { Content, JsonSchema } from './document.ts'

/** The content of a refusal, with an example for each code. */
export type RefusalContent = (codes: readonly ErrorCode[]) => Content

/** What is to be said of the answers of a formatter of the app's own. */
export interface OwnErrorFormat {
  readonly schema: JsonSchema
}

const text = { type: 'string' } as const
const keys = { type: 'array', items: { anyOf: [{ type: 'integer' }, text] } } as const

/** Schemas of the three formats, by their names in the document. */
export const errorSchemas: Readonly<Record<string, (components: Pick<Components, 'reference'>) => JsonSchema>> = {
  Error: () => ({
    type: 'object',
    properties: { message: text, code: text },
    required: ['message'],
  }),
  ErrorModel: ({ reference }) => ({
    type: 'object',
    properties: { detail: { type: 'array', items: reference('ErrorDetail') } },
    required: ['detail'],
  }),
  ErrorDetail: () => ({
    type: 'object',
    properties: { msg: text, loc: keys, type: text },
    required: ['msg'],
  }),
  Problem: ({ reference }) => ({
    type: 'object',
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: text,
      code: text,
      errors: { type: 'array', items: reference('ProblemIssue') },
    },
    required: ['type', 'title', 'status', 'detail', 'code'],
  }),
  ProblemIssue: () => ({
    type: 'object',
    properties: {
      in: { type: 'string', enum: ['body', 'query', 'params', 'headers', 'cookies'] },
      path: keys,
      message: text,
    },
    required: ['in', 'path', 'message'],
  }),
}

const names = { protocol: 'Error', detail: 'ErrorModel', problem: 'Problem' } as const

export function refusalContent(
  errors: ErrorFormat,
  format: FormatError,
  { reference }: Components,
  own?: OwnErrorFormat,
): RefusalContent {
  const { contentType = 'application/json' } = format(new APIError(400))
  const schema = typeof errors === 'function' ? (own?.schema ?? {}) : undefined
  return (codes) => {
    const examples = codes.map(
      ({ code, message, status }) => [code, { value: format(new APIError(status, { message, code })).body }] as const,
    )
    return {
      [contentType]: {
        schema: schema ?? reference(names[errors as keyof typeof names]),
        ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
      },
    }
  }
}
