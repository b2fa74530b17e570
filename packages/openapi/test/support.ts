import type { Scheme } from '@keystile/core/api'
import type { OpenApiDocument, OperationObject } from '@keystile/openapi'
import { Validator } from '@seriousme/openapi-schema-validator'

/** What an independent validator finds wrong; nothing is `undefined`. */
export async function faultsOf(document: OpenApiDocument): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as never)
  return valid ? undefined : errors
}

/** The operation of an id. */
export function operation({ paths }: OpenApiDocument, id: string): OperationObject {
  const all = Object.values(paths).flatMap((methods) => Object.values(methods))
  const found = all.find(({ operationId }) => operationId === id)
  if (!found) throw new Error(`no operation ${id} among ${all.map(({ operationId }) => operationId).join(', ')}`)
  return found
}

/** A scheme that never knows anybody. */
export const scripted = (name: string, more: Partial<Scheme> = {}): Scheme => ({
  name,
  authenticate: () => null,
  securitySchemes: { [name]: { type: 'http', scheme: 'bearer' } },
  requirement: { [name]: [] },
  responses: { 401: 'No token' },
  ...more,
})
