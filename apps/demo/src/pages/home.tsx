import type { Session } from '../auth.ts'
import type { Place } from './layout.tsx'

export function HomePage({ session, place }: { readonly session: Session | null; readonly place: Place }) {
  return (
    <>
      <div class="hero">
        <div>{session ? <Welcome name={session.user.name} /> : <Invitation />}</div>
        <Listing framework={place.framework} />
      </div>
      <section aria-labelledby="try">
        <h2 id="try">Three things to try</h2>
        <ol class="steps">
          <li class="card">
            <h3>Create an account</h3>
            <p>The password is kept as an argon2id hash. The mail that confirms the address waits in the outbox.</p>
          </li>
          <li class="card">
            <h3>Sign in twice</h3>
            <p>Open a private window or another browser and sign in there too. Your account lists both sessions.</p>
          </li>
          <li class="card">
            <h3>End a session</h3>
            <p>Revoke the other one and reload it: signed out at once. A new password ends all the others.</p>
          </li>
        </ol>
      </section>
    </>
  )
}

function Invitation() {
  return (
    <>
      <h1>Sign-in that stays on your own server</h1>
      <p class="lead">
        Accounts, passwords and sessions in your TypeScript app, over the database you have. This is all of it at work
        with one SQLite file.
      </p>
      <p class="actions">
        <a class="button" href="/sign-up">
          Create an account
        </a>
        <a class="button plain" href="/sign-in">
          Sign in
        </a>
      </p>
    </>
  )
}

function Welcome({ name }: { readonly name: string }) {
  return (
    <>
      <h1>Hello, {name}</h1>
      <p class="lead">You are signed in. See where else you are, or change your name and your password.</p>
      <p class="actions">
        <a class="button" href="/account">
          Go to your account
        </a>
        <a class="button plain" href="/outbox">
          Open the outbox
        </a>
      </p>
    </>
  )
}

/** The app's side of it, much as it stands in `auth.ts` and `servers/`. */
function Listing({ framework }: Pick<Place, 'framework'>) {
  const from = (name: string) => [<b>import</b>, ` { ${name} } `, <b>from</b>, ' ']
  return (
    <figure class="listing">
      <pre tabindex={0}>
        <code>
          {from('createAuth')}
          <i>'@keystile/core'</i>
          {'\n'}
          {from('keystile')}
          <i>'@keystile/{framework}'</i>
          {'\n\n'}
          <b>const</b>
          {' auth = createAuth({\n  database: '}
          <i>'demo.db'</i>
          {',\n  emailAndPassword: { enabled: '}
          <b>true</b>
          {' },\n})\n\n'}
          <b>const</b>
          {' gate = keystile(auth)\napp.use(gate)\napp.get('}
          <i>'/account'</i>
          {',\n  gate.requireSession(account))'}
        </code>
      </pre>
      <figcaption>The server’s side of this demo</figcaption>
    </figure>
  )
}
