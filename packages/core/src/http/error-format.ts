/** How an API writes its refusals: one formatter for all of them. */
import { type APIError, statusName } from '../lib/errors.ts'

/** One thing wrong with a part of a request. */
export interface Issue {
  readonly in: 'body' | 'query' | 'params' | 'headers' | 'cookies'
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A body, and its media type where it is not `application/json`. */
export interface FormattedError {
  readonly body: unknown
  readonly contentType?: string | undefined
}

export type FormatError = (error: APIError) => FormattedError

/**
 * `protocol`: `{ message, code }`, as the auth's own endpoints answer; `detail`: `{ detail: [{ msg, loc, type }] }`;
 * `problem`: problem details (RFC 9457).
 */
export type ErrorFormat = 'protocol' | 'detail' | 'problem' | FormatError

export function formatterOf(format: ErrorFormat = 'protocol'): FormatError {
  return typeof format === 'function' ? format : formats[format]
}

const formats: Readonly<Record<'protocol' | 'detail' | 'problem', FormatError>> = {
  protocol: (error) => {
    const { issues: _, ...body } = bodyOf(error)
    return { body }
  },

  detail: (error) => {
    const { message, code, issues } = bodyOf(error)
    const type = detailTypes[code]
    const typed = type === undefined ? {} : { type }
    const detail = issues
      ? issues.map(({ in: part, path, message: msg }) => ({ msg, loc: [`parsed_${part}`, ...path], ...typed }))
      : [{ msg: message, ...typed }]
    return { body: { detail } }
  },

  problem: (error) => {
    const { message, code, issues, ...more } = bodyOf(error)
    const { statusCode: status } = error
    const body = { type: 'about:blank', ...more, title: titleOf(status), status, detail: message, code }
    return {
      body: issues ? { ...body, errors: issues } : body,
      contentType: 'application/problem+json',
    }
  },
}

/** `Bad Request` of `BAD_REQUEST`. */
const titleOf = (status: number) =>
  statusName(status)
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join(' ')

const detailTypes: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'security',
  METHOD_NOT_ALLOWED: 'not_allowed',
  VALIDATION_ERROR: 'value_error',
  BAD_REQUEST: 'value_error',
  NOT_ACCEPTABLE: 'value_error',
}

function bodyOf({ body, statusCode }: APIError) {
  const name = statusName(statusCode)
  const { message = name, code = name, issues, ...more } = body ?? {}
  return { message, code, issues: issues as readonly Issue[] | undefined, ...more }
}
