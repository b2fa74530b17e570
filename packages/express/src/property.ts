/**
 * Properties of requests. Express gives each request another prototype than it was made with: from then on, V8 makes a
 * shape anew for every property that is added, keeps it until the next full collection, and knows no access again. So
 * ours is a getter that requests inherit, as most of Express's own are, and what it gives is kept beside.
 */
import { keptOn, type Mountable, mountFailure, nameTaken } from '@keystile/core/adapter'
import type { Request } from 'express'
import { host } from './host.ts'

type Open = (req: Request) => object

/** What hangs on a request; `next` under another name. */
interface Hung {
  readonly ctx: Request
  readonly name: string
  readonly open: Open
  readonly next: Hung | undefined
}

const hung = keptOn<Request, Hung>(host)

/** By name, the objects that have a getter of ours. */
const declared = new Map<string, WeakSet<object>>()

/** Hangs what `open` gives, whenever somebody looks, on a request. Throws `KEYSTILE_NAME_TAKEN`, logged once an auth. */
export function hang(req: Request, name: string, open: Open, auth?: Mountable): void {
  const next = hung.get(req)
  const holder = holderOf(req, name)
  const isOurs = holder !== null && declared.get(name)?.has(holder) === true
  if (isOurs ? named(next, name) : holder && Reflect.get(req, name) !== undefined) {
    throw mountFailure(nameTaken(name), auth)
  }
  if (!isOurs) declare(holder ? req : ancestorOf(req), name)
  hung.set(req, { ctx: req, name, open, next })
}

function named(first: Hung | undefined, name: string): Hung | undefined {
  let found = first
  while (found && found.name !== name) found = found.next
  return found
}

/** The object that a property is read from. */
function holderOf(req: object, name: string): object | null {
  let at: object | null = req
  while (at && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at)
  return at
}

function declare(on: object, name: string): void {
  const objects = declared.get(name) ?? new WeakSet()
  declared.set(name, objects.add(on))
  Object.defineProperty(on, name, {
    configurable: true,
    /** What is made of a request by `Object.create` has what hangs on that. */
    get(this: Request) {
      for (let at: Request | null = this; at; at = Object.getPrototypeOf(at)) {
        const found = named(hung.get(at), name)
        if (found) return found.open(at)
      }
      return undefined
    },
    /** Whoever sets it has a property of that request, as on any object. */
    set(this: Request, value: unknown) {
      Object.defineProperty(this, name, { configurable: true, enumerable: true, writable: true, value })
    },
  })
}

/** `express.request`, which is above the requests of all apps: each of those names its app. Else the request itself. */
function ancestorOf(req: Request): object {
  let above = (req.app as { readonly request?: object } | undefined)?.request
  while (above && Object.hasOwn(above, 'app')) above = Object.getPrototypeOf(above)
  return above && Object.prototype.isPrototypeOf.call(above, req) ? above : req
}
