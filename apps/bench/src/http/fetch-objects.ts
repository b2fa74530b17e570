/** Counts the Request, Response and Headers that are made by anyone's code. Call before anything else is loaded. */
export function countFetchObjects(): { count: number } {
  const made = { count: 0 }
  const counted = <T extends new (...args: never[]) => object>(original: T): T => {
    const counting: T = new Proxy(original, {
      construct(target, args, newTarget): object {
        made.count++
        return Reflect.construct(target, args, newTarget === counting ? target : newTarget)
      },
    })
    return counting
  }
  globalThis.Request = counted(globalThis.Request)
  globalThis.Response = counted(globalThis.Response)
  globalThis.Headers = counted(globalThis.Headers)
  return made
}
