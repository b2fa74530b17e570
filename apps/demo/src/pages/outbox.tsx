import type { Mail } from '../outbox.ts'
import { Time } from './time.tsx'

export function OutboxPage({ mails }: { readonly mails: readonly Mail[] }) {
  return (
    <>
      <div class="intro">
        <h1>Outbox</h1>
        <p class="lead">The mail this app would have sent since it started, newest first.</p>
      </div>
      {mails.length === 0 ? (
        <section class="card empty">
          <h2>Nothing here yet</h2>
          <p>
            <a href="/sign-up">Create an account</a> and the mail that confirms its address turns up here.
          </p>
        </section>
      ) : (
        <ol class="mails">
          {mails.map((mail) => (
            <li class="card mail">
              <h2>{mail.subject}</h2>
              <p class="meta">
                To <strong>{mail.to}</strong> · <Time at={mail.sentAt} />
              </p>
              <div class="letter">
                {mail.text.map((paragraph) => (
                  <p>{paragraph}</p>
                ))}
              </div>
            </li>
          ))}
        </ol>
      )}
    </>
  )
}
