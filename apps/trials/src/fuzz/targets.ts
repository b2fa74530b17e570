/** The targets by name. Loaded on demand, so that a process may instrument what they import first. */
import type { Target } from './target.ts'

export const targets = {
  handler: async () => (await import('./targets/handler.ts')).makeTarget(),
  cookie: async () => (await import('./targets/cookie.ts')).makeTarget(),
  json: async () => (await import('./targets/json.ts')).makeTarget(),
  form: async () => (await import('./targets/form.ts')).makeTarget(),
  url: async () => (await import('./targets/url.ts')).makeTarget(),
  origin: async () => (await import('./targets/origin.ts')).makeTarget(),
  header: async () => (await import('./targets/header.ts')).makeTarget(),
  base64: async () => (await import('./targets/base64.ts')).makeTarget(),
} satisfies Record<string, () => Promise<Target>>

export type TargetName = keyof typeof targets
export const targetNames = Object.keys(targets) as TargetName[]
