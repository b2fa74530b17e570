/**
 * Properties of requests. Express gives each request another prototype than it was made with: from then on, V8 makes a
 * shape anew for every property that is added, keeps it until the next full collection, and knows no access again. So
 * ours is one getter that all requests inherit, and what it gives is kept beside.
 */
import { keptOn, type Mountable, mountFailure, nameTaken } from '@keystile/core/adapter'
import type { Request } from 'express'
import { host } from './host.ts'

/** What hangs on a request; `next` under another name. */
interface Hung {
  readonly ctx: Request
  readonly name: string
  readonly open: (req: Request) => object
  readonly next: Hung | undefined
}

const hung = keptOn<Request, Hung>(host)

/** Hangs what `open` gives, whenever somebody looks, on a request. Throws `KEYSTILE_NAME_TAKEN`, logged once an auth. */
export function hang(req: Request, name: string, open: (req: Request) => object, auth?: Mountable | undefined): void {
  const there = name in req
  if (there && Reflect.get(req, name) !== undefined) throw mountFailure(nameTaken(name), auth)
  if (!there || !declared.has(name)) declare(ancestorOf(req), name)
  hung.set(req, { ctx: req, name, open, next: hung.get(req) })
}

/** The names that this copy of the package has a getter for. */
const declared = new Set<string>()

/** Another copy of this package may have declared the name before, and have its requests still. */
function declare(on: object, name: string): void {
  const former = Object.getOwnPropertyDescriptor(on, name)?.get
  declared.add(name)
  Object.defineProperty(on, name, {
    configurable: true,
    get(this: Request) {
      let entry = hung.get(this)
      while (entry && entry.name !== name) entry = entry.next
      return entry ? entry.open(this) : former?.call(this)
    },
    /** Whoever sets it has a property of that request, as on any object. */
    set(this: Request, value: unknown) {
      Object.defineProperty(this, name, { configurable: true, enumerable: true, writable: true, value })
    },
  })
}

/** `express.request`, which is above the requests of all apps: each of those names its app. Else the request itself. */
function ancestorOf(req: Request): object {
  let above = (req.app as { request?: object } | undefined)?.request ?? req
  while (Object.hasOwn(above, 'app')) above = Object.getPrototypeOf(above)
  return above
}
