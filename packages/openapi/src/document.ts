/** The parts of an OpenAPI document that are written here. */

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 and 3.2 have it. */
export type JsonSchema = boolean | SchemaObject

export interface SchemaObject {
  readonly [keyword: string]: unknown
}

export interface Info {
  readonly title: string
  readonly version: string
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly [more: string]: unknown
}

export interface Server {
  readonly url: string
  readonly description?: string | undefined
  readonly [more: string]: unknown
}

export interface MediaType {
  readonly schema: JsonSchema
  readonly example?: unknown
  readonly examples?: { readonly [name: string]: { readonly value: unknown } }
}

export interface Content {
  readonly [media: string]: MediaType
}

export interface Header {
  readonly description?: string
  readonly schema: JsonSchema
}

export interface ResponseObject {
  readonly description: string
  readonly headers?: { readonly [name: string]: Header }
  readonly content?: Content
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required?: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

export interface SecurityRequirement {
  readonly [scheme: string]: readonly string[]
}

export interface OperationObject {
  readonly operationId: string
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly deprecated?: true
  readonly security?: readonly SecurityRequirement[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: { readonly [status: string]: ResponseObject }
}

/** A document as a plain object. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0' | '3.2.0'
  readonly info: Info
  readonly servers?: readonly Server[]
  readonly tags?: readonly { readonly name: string }[]
  readonly paths: { readonly [path: string]: { readonly [method: string]: OperationObject } }
  readonly components: {
    readonly schemas: { readonly [name: string]: JsonSchema }
    readonly securitySchemes: { readonly [name: string]: { readonly type: string; readonly [key: string]: unknown } }
  }
}
