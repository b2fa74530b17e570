/** The processor time of `work` in milliseconds, best of three: steadier than the clock on a busy machine. */
export function cpuTime(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const start = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  })
  return Math.min(...times)
}
