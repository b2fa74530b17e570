import { ActionForm, Field } from './field.tsx'

export function SignUpPage() {
  return (
    <section class="card narrow">
      <h1>Create an account</h1>
      <p class="lead">It lives in a file on this machine. Any address will do, no mail leaves the demo.</p>
      <ActionForm action="sign-up" submit="Create account" id="sign-up">
        <Field id="name" name="name" label="Name" autocomplete="name" maxlength={80} />
        <Field id="email" name="email" label="E-mail address" type="email" autocomplete="email" />
        <Field
          id="password"
          name="password"
          label="Password"
          type="password"
          autocomplete="new-password"
          hint="At least 8 characters"
          minlength={8}
          maxlength={128}
        />
      </ActionForm>
      <p class="aside">
        Have an account? <a href="/sign-in">Sign in</a>
      </p>
    </section>
  )
}
