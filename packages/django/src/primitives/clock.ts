/** Milliseconds since 1970, as `Date.now` gives them. */
export type Clock = () => number

/**
 * What a clock on the wall of `timeZone` shows, written as if it were UTC: `Date` methods ending in `UTC` read it.
 * Django reckons some values by its server's wall clock.
 */
export function wallClock(time: number, timeZone: string): number {
  if (timeZone === 'UTC') return time
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time)
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value)
  const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return shown + (time - Math.floor(time / 1000) * 1000)
}
