/**
 * Properties of requests. Express gives each request another prototype than it was made with: from then on, V8 makes a
 * shape anew for every property that is added, keeps it until the next full collection, and knows no access again. So
 * ours is a getter that requests inherit, as most of Express's own are, and what it gives is kept beside.
 */
import { keptOn, type Mountable, mountFailure, nameTaken } from '@keystile/core/adapter'
import type { Request } from 'express'
import { host } from './host.ts'

type Open = (req: Request) => object

/** What is kept of requests under one name, and the objects that have our getter. */
const propertyOf = () => ({ kept: keptOn<Request, { ctx: Request; open: Open }>(host), holders: new WeakSet<object>() })
const properties = new Map<string, ReturnType<typeof propertyOf>>()

/** Hangs what `open` gives, whenever somebody looks, on a request. Throws `KEYSTILE_NAME_TAKEN`, logged once an auth. */
export function hang(req: Request, name: string, open: Open, auth?: Mountable): void {
  const property = properties.get(name) ?? propertyOf()
  const holder = holderOf(req, name)
  const isOurs = holder !== null && property.holders.has(holder)
  const taken = isOurs ? property.kept.get(req) : Reflect.get(req, name)
  if (taken !== undefined) throw mountFailure(nameTaken(name), auth)
  if (!isOurs) declare(holder ? req : ancestorOf(req), name, property)
  property.kept.set(req, { ctx: req, open })
}

/** The object that a property is read from. */
function holderOf(req: object, name: string): object | null {
  let at: object | null = req
  while (at && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at)
  return at
}

function declare(on: object, name: string, property: ReturnType<typeof propertyOf>): void {
  properties.set(name, property)
  property.holders.add(on)
  Object.defineProperty(on, name, {
    configurable: true,
    get(this: Request) {
      // What is made of a request by `Object.create` has what hangs on that.
      let at: Request | null = this
      while (at && !property.kept.get(at)) at = Object.getPrototypeOf(at)
      return at ? property.kept.get(at)?.open(at) : undefined
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
