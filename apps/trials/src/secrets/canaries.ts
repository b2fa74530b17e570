/** Secrets that were in play, and where they must not be found again. */

/** A text in which a secret could lie, such as a row, a log line, a file. */
export interface Place {
  readonly name: string
  readonly text: string
}

export interface Leak {
  /** What kind of secret it is, never the secret itself. */
  readonly canary: string
  readonly form: string
  readonly place: string
  /** What stands before it there. */
  readonly before: string
}

/** The shortest part of a secret that is looked for. */
const shortestPart = 12

export class Canaries {
  readonly #known = new Map<string, string>()

  /** Takes note of a secret; short texts are none. */
  add(name: string, secret: string | undefined): void {
    if (secret !== undefined && secret.length >= shortestPart) this.#known.set(secret, name)
  }

  get size(): number {
    return this.#known.size
  }

  /** Every place that holds a secret, or enough of one, in any form that gives it away. */
  leaks(places: readonly Place[]): Leak[] {
    const found: Leak[] = []
    for (const [secret, canary] of this.#known) {
      const forms = formsOf(secret)
      for (const { name, text } of places) {
        const [form, shown] = forms.find(([, each]) => text.includes(each)) ?? []
        if (form === undefined || shown === undefined) continue
        const at = text.indexOf(shown)
        found.push({ canary, form, place: name, before: text.slice(Math.max(0, at - 80), at) })
      }
    }
    return found
  }
}

/** The forms in which a secret is as good as itself. */
function formsOf(secret: string): [form: string, text: string][] {
  const half = Math.ceil(secret.length / 2)
  const parts: [string, string][] = [['whole', secret]]
  if (half >= shortestPart) parts.push(['first half', secret.slice(0, half)], ['second half', secret.slice(-half)])
  return parts.flatMap(([part, text]): [string, string][] => {
    const bytes = Buffer.from(text)
    return [
      [part, text],
      [`${part}, URL-encoded`, encodeURIComponent(text)],
      [`${part}, URL-encoded as a form`, new URLSearchParams([['', text]]).toString().slice(1)],
      [`${part}, as JSON`, JSON.stringify(text).slice(1, -1)],
      [`${part}, hexadecimal`, bytes.toString('hex')],
      [`${part}, reversed`, [...text].reverse().join('')],
      ...base64Forms(bytes).map((form): [string, string] => [`${part}, base64`, form]),
    ]
  })
}

/** What stands in base64 of any text that holds these bytes: three ways to fall into groups, without the ends. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const usable = bytes.subarray((3 - before) % 3)
    const whole = usable.subarray(0, usable.length - (usable.length % 3))
    return [whole.toString('base64'), whole.toString('base64url')]
  })
}
