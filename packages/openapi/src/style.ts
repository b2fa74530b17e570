/** The look of our own page, light and dark as the reader's system is. */
export const style = `
:root {
  color-scheme: light dark;
  --line: light-dark(#d5d9e0, #3a404b); --soft: light-dark(#f5f6f8, #1c2027); --page: light-dark(#fff, #14171c);
  --text: light-dark(#1b1f26, #e6e9ee); --quiet: light-dark(#555d6b, #a3acba); --accent: light-dark(#1f5fbf, #8ab4f8);
  --get: light-dark(#14683b, #6fcf97); --post: light-dark(#1f5fbf, #8ab4f8); --put: light-dark(#8a5300, #e8b363);
  --delete: light-dark(#ad2a2a, #f28b82)
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { margin: 0 0 .25rem; line-height: 1.2 }
h2 { margin: 2rem 0 .5rem; font-size: 1.2rem }
h3 { margin: 1.25rem 0 .5rem; font-size: 1rem }
a { color: var(--accent) }
p { margin: .25rem 0 .75rem; white-space: pre-line; overflow-wrap: anywhere }
.quiet { color: var(--quiet) }
code, pre, textarea { font: .875rem/1.5 ui-monospace, monospace }
pre { margin: .5rem 0; padding: .75rem; background: var(--soft); border: 1px solid var(--line); border-radius: .4rem;
  overflow: auto; max-height: 30rem; white-space: pre-wrap; overflow-wrap: anywhere }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; background: var(--page) }
details details { margin: .25rem 0 }
summary { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; padding: .6rem .8rem; cursor: pointer }
summary:hover { background: var(--soft) }
summary code { font-weight: 600; overflow-wrap: anywhere }
.inside { padding: 0 .8rem .8rem }
.method { min-width: 4.5rem; font: 700 .8rem ui-monospace, monospace }
.get { color: var(--get) } .post { color: var(--post) } .put, .patch { color: var(--put) } .delete { color: var(--delete) }
.old code { text-decoration: line-through }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .8rem .8rem }
legend { font-weight: 600; padding: 0 .3rem }
label { display: block; margin: .5rem 0; font-size: .9rem }
input, select, textarea { display: block; width: 100%; margin-top: .2rem; padding: .45rem .6rem; color: inherit;
  background: var(--page); border: 1px solid var(--quiet); border-radius: .35rem; font-size: .95rem }
textarea { min-height: 8rem; resize: vertical }
button { margin: .5rem 0; padding: .5rem 1.2rem; font: inherit; font-weight: 600; color: var(--page);
  background: var(--accent); border: 0; border-radius: .35rem; cursor: pointer }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem }
dt { font: 600 .9rem ui-monospace, monospace } dd { margin: 0; white-space: pre-line }
`
