import type { PropsWithChildren } from 'hono/jsx'

interface FieldProps {
  readonly id: string
  readonly label: string
  readonly name: string
  readonly type?: 'text' | 'email' | 'password'
  readonly autocomplete: string
  readonly hint?: string
  readonly value?: string
  readonly minlength?: number
  readonly maxlength?: number
}

/** A labelled input that must be filled; a password has a button that shows it. */
export function Field({ id, label, type = 'text', hint, ...input }: FieldProps) {
  const describedBy = hint ? `${id}-hint` : undefined
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="input">
        <input id={id} type={type} required aria-describedby={describedBy} {...input} />
        {type === 'password' && (
          <button
            class="reveal"
            type="button"
            data-reveal={id}
            aria-pressed="false"
            aria-label={`Show ${label}`}
            disabled
          >
            Show
          </button>
        )}
      </div>
      {hint && (
        <p class="hint" id={describedBy}>
          {hint}
        </p>
      )}
    </div>
  )
}

interface ActionFormProps {
  /** What the browser client does when the form is sent: one of the actions in `browser/client.ts`. */
  readonly action: string
  readonly submit: string
  readonly id: string
}

/** A form that the browser client sends, with a place for what went wrong. Its buttons wait for the client. */
export function ActionForm({ action, submit, id, children }: PropsWithChildren<ActionFormProps>) {
  return (
    <form data-action={action}>
      {children}
      <p class="error" role="alert" id={`${id}-error`} />
      <button id={id} type="submit" disabled>
        {submit}
      </button>
    </form>
  )
}
