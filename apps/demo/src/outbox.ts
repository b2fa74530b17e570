/** Mail that an app would hand to its mail service; here it is kept to be looked at. */
export interface Mail {
  readonly to: string
  readonly subject: string
  /** Plain text, a paragraph each. */
  readonly text: readonly string[]
  readonly sentAt: Date
}

export interface Outbox {
  send(mail: Omit<Mail, 'sentAt'>): void
  /** Newest first. */
  list(): readonly Mail[]
}

const kept = 50

export function createOutbox(): Outbox {
  let mails: readonly Mail[] = []
  return {
    send(mail) {
      mails = [{ ...mail, sentAt: new Date() }, ...mails].slice(0, kept)
    },
    list: () => mails,
  }
}
