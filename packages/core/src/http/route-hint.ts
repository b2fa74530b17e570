/** For the log while developing: which route a request without one was probably meant for. */
import type { Endpoint } from '../contract/endpoint.ts'
import { nearest } from '../lib/nearest.ts'

/** The sentence to log for a method and a path below the base path. */
export function routeHint(endpoints: Iterable<Endpoint>, basePath: string): (method: string, path: string) => string {
  const routes: string[] = []
  for (const { method, path, access } of endpoints) {
    if (path === undefined || access === 'server') continue
    for (const each of [method].flat()) routes.push(`${each} ${path}`)
  }
  return (method, path) => {
    const shown = path.slice(0, 200).replace(tokens, '…')
    const asked = `${method} ${shown}`
    const other = routes.find((route) => route.endsWith(` ${path}`))
    const near = other ?? nearest(asked, routes)
    const [verb, place] = near?.split(' ') ?? []
    const hint = near
      ? `the nearest is ${verb} ${basePath}${place}`
      : 'nor is there one like it; see Object.keys(auth.api)'
    return `404: there is no route ${method} ${basePath}${shown}; ${hint}`
  }
}

/** What may be a token in a path, as in links: a long segment with a digit or a capital letter. */
const tokens = /(?=[^/]{16})[^/]*[\dA-Z][^/]*/g
