const escapes: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '&': '&amp;',
}

/** A text as it may stand in a page or in a quoted attribute. */
export const escapeHtml = (text: string) => text.replace(/[<>"'&]/g, (c) => escapes[c] ?? c)
