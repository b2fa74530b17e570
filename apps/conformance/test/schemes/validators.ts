/** The same schemas in the words of three libraries, and of none. */
import type { OwnDeclaration } from '@keystile/core/api'
import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'

type Schema = NonNullable<OwnDeclaration['body']>
type Parts = Readonly<Record<'body' | 'query' | 'params' | 'headers' | 'cookies', Schema>>

const integer = v.pipe(v.string(), v.digits(), v.transform(Number))
const integerInZod = z
  .string()
  .regex(/^\d+$/)
  .transform((text) => Number(text))

const ofValibot = {
  body: v.object({ name: v.pipe(v.string(), v.trim()), items: v.array(v.object({ n: v.number() })) }),
  query: v.object({ page: integer }),
  params: v.object({ id: integer }),
  headers: v.object({ 'x-trace': v.pipe(v.string(), v.minLength(2)) }),
  cookies: v.object({ theme: v.picklist(['light', 'dark']) }),
}

const ofZod = {
  body: z.object({ name: z.string().trim(), items: z.array(z.object({ n: z.number() })) }),
  query: z.object({ page: integerInZod }),
  params: z.object({ id: integerInZod }),
  headers: z.object({ 'x-trace': z.string().min(2) }),
  cookies: z.object({ theme: z.enum(['light', 'dark']) }),
}

const ofArktype = {
  body: type({ name: 'string.trim', items: type({ n: 'number' }).array() }),
  query: type({ page: 'string.integer.parse' }),
  params: type({ id: 'string.integer.parse' }),
  headers: type({ 'x-trace': 'string >= 2' }),
  cookies: type({ theme: "'light' | 'dark'" }),
}

export const libraries: Readonly<Record<string, Parts>> = { valibot: ofValibot, 'zod 4': ofZod, arktype: ofArktype }

/** The body of the recorded requests. */
export const counted: Readonly<Record<string, Schema>> = {
  valibot: v.object({ n: v.number() }),
  'zod 4': z.object({ n: z.number() }),
  arktype: type({ n: 'number' }),
}

const free = async (name: string) => name !== 'taken'

/** Bodies whose names are looked up before they count; arktype has no such schemas. */
export const asyncBodies: Readonly<Record<string, Schema>> = {
  valibot: v.objectAsync({ name: v.pipeAsync(v.string(), v.checkAsync(free, 'is taken')) }),
  'zod 4': z.object({ name: z.string().refine(free, 'is taken') }),
}
