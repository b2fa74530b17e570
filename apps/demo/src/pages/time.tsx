const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })

/** A moment in the time zone of the machine that runs the demo, which is the reader's. */
export function Time({ at }: { readonly at: Date }) {
  return <time datetime={at.toISOString()}>{format.format(at)}</time>
}
