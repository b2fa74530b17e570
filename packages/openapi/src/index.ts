/** The public names of `@keystile/openapi`. */
export type * from './document.ts'
export type { OwnErrorFormat } from './errors.ts'
export type { Convert, Direction } from './json-schema.ts'
export { type Describable, type OpenApiOptions, openapi } from './openapi.ts'
export type { Asset, PageOptions } from './page.ts'
export { type ServeOptions, withOpenapi } from './serve.ts'
