import type { Session } from '../auth.ts'
import { ActionForm, Field } from './field.tsx'

export function SignInPage({ session }: { readonly session: Session | null }) {
  return (
    <section class="card narrow">
      <h1>Sign in</h1>
      <p class="lead">
        {session
          ? `You are signed in as ${session.user.email}.`
          : 'Do it in a second browser too, and your account shows both.'}
      </p>
      <ActionForm action="sign-in" submit="Sign in" id="sign-in">
        <Field id="email" name="email" label="E-mail address" type="email" autocomplete="username" />
        <Field id="password" name="password" label="Password" type="password" autocomplete="current-password" />
        <label class="check">
          <input type="checkbox" name="remember" value="yes" checked />
          Stay signed in when the browser closes
        </label>
      </ActionForm>
      <p class="aside">
        New here? <a href="/sign-up">Create an account</a>
      </p>
    </section>
  )
}
