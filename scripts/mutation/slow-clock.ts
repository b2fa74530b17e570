// Code that carries its mutants is many times slower: what tests measure goes by a clock that is slower by as much.
const slower = 20

const now = Performance.prototype.now.bind(performance)
performance.now = () => now() / slower

process.cpuUsage = (since = { user: 0, system: 0 }) => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  return { user: userCPUTime / slower - since.user, system: systemCPUTime / slower - since.system }
}
