export function MissingPage() {
  return (
    <section class="card narrow">
      <h1>Page not found</h1>
      <p class="lead">There is nothing at this address.</p>
      <a class="button" href="/">
        To the start
      </a>
    </section>
  )
}

export function TroublePage() {
  return (
    <section class="card narrow">
      <h1>Something went wrong</h1>
      <p class="lead">What it was is told in the terminal that runs the demo.</p>
      <a class="button" href="/">
        To the start
      </a>
    </section>
  )
}
