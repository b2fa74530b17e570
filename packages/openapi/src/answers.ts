/** All that an operation may answer, by status: what is said first of one comes first. */
import type { ErrorCode } from '@keystile/core'
import type { Content, Header, ResponseObject } from './document.ts'
import type { RefusalContent } from './errors.ts'

interface Answer {
  readonly texts: Set<string>
  readonly codes: Map<string, ErrorCode>
  readonly headers: Record<string, Header>
  content?: Content | undefined
}

export class Answers {
  readonly #answers = new Map<number, Answer>()
  readonly #refusal: RefusalContent

  constructor(refusal: RefusalContent) {
    this.#refusal = refusal
  }

  /** An answer that is no refusal. */
  reply(
    status: number,
    content?: Content,
    headers: Readonly<Record<string, Header>> = {},
    text = wordOf(status),
  ): void {
    const answer = this.#of(status)
    answer.texts.add(text)
    answer.content ??= content
    Object.assign(answer.headers, headers)
  }

  refuse(status: number, text: string, headers: Readonly<Record<string, Header>> = {}): void {
    const answer = this.#of(status)
    answer.texts.add(text)
    Object.assign(answer.headers, headers, status === 429 ? retryAfter : {})
  }

  /** Refusals by code. What the server fails at is no part of the contract. */
  codes(codes: readonly ErrorCode[]): void {
    for (const code of codes) {
      if (code.status >= 500) continue
      this.refuse(code.status, code.message)
      this.#of(code.status).codes.set(code.code, code)
    }
  }

  /** Any answer of these statuses, refusals or not. */
  others(answers: { readonly [status: number]: string } = {}): void {
    for (const [key, text] of Object.entries(answers)) {
      const status = Number(key)
      if (status < 400) this.reply(status, undefined, status >= 300 ? location : {}, text)
      else this.refuse(status, text)
    }
  }

  toObject(): Record<string, ResponseObject> {
    const sorted = [...this.#answers].sort(([a], [b]) => a - b)
    return Object.fromEntries(sorted.map(([status, answer]) => [String(status), this.#object(status, answer)]))
  }

  #of(status: number): Answer {
    let answer = this.#answers.get(status)
    if (!answer) {
      answer = { texts: new Set(), codes: new Map(), headers: {} }
      this.#answers.set(status, answer)
    }
    return answer
  }

  #object(status: number, { texts, codes, headers, content }: Answer): ResponseObject {
    const shown = status < 400 ? content : this.#refusal([...codes.values()])
    return {
      description: [...texts].join('\n\n'),
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(shown && { content: shown }),
    }
  }
}

const retryAfter = { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } } as const
const location = { Location: { schema: { type: 'string', format: 'uri-reference' } } } as const

const words: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No content' }
const wordOf = (status: number) => words[status] ?? `Status ${status}`
