import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { type Access, endpoint } from '../contract/endpoint.ts'
import type { HttpMethod } from '../contract/method.ts'
import { routeHint } from './route-hint.ts'

const route = (method: HttpMethod, path?: string, access: Access = 'public') =>
  endpoint({ method, path, access, summary: 'Probe', reply: v.unknown() }, () => null)

const hint = (method: HttpMethod, path: string) =>
  routeHint(
    [route('POST', '/sign-in'), route('GET', '/me'), route('POST', '/sweep', 'server'), route('POST')],
    '/api/auth',
  )(method, path)
const noneLike = 'nor is there one like it; see Object.keys(auth.api)'

describe('the hint for a request without a route', () => {
  it('names the route whose path was nearly written', () => {
    expect(hint('POST', '/signin')).toBe(
      '404: there is no route POST /api/auth/signin; the nearest is POST /api/auth/sign-in',
    )
  })

  it('names the method of a path that is there for another', () => {
    expect(hint('DELETE', '/me')).toBe('404: there is no route DELETE /api/auth/me; the nearest is GET /api/auth/me')
  })

  it.each(['/sweep', '/undefined'])('names no endpoint that no request reaches: %s', (path) => {
    expect(hint('POST', path)).toBe(`404: there is no route POST /api/auth${path}; ${noneLike}`)
  })

  it('shows no more than the beginning of a long path', () => {
    const path = '/abcdefghi'.repeat(30)
    expect(hint('GET', path)).toBe(`404: there is no route GET /api/auth${path.slice(0, 200)}; ${noneLike}`)
  })

  it('shows where a token was, and not the token', () => {
    expect(hint('GET', '/links/abcdefghij0123456789')).toBe(`404: there is no route GET /api/auth/links/…; ${noneLike}`)
  })
})
