/** Times that have to be kept on a machine that does nothing else, and are said not to count on one that does. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

const ATTEMPTS = 3
/** Milliseconds. */
const LOOK = 250
/** Of all processors, what this process gets when it asks for all. */
const CALM = 0.9

const shareOfProcessors = async (): Promise<number> => {
  const threads = availableParallelism()
  const spin = `for (const end = performance.now() + ${LOOK}; performance.now() < end;);`
  const [from, used] = [performance.now(), process.cpuUsage()]
  await Promise.all(Array.from({ length: threads }, () =>
    new Promise((resolve) => void new Worker(spin, { eval: true }).on('exit', resolve))))
  const { user, system } = process.cpuUsage(used)
  return (user + system) / 1000 / ((performance.now() - from) * threads)
}

/** Does something while each processor has another thread to run. */
export const underLoad = async <T>(work: () => Promise<T>): Promise<T> => {
  const spinners = Array.from({ length: availableParallelism() }, () => new Worker('for (;;);', { eval: true }))
  try {
    return await work()
  } finally {
    await Promise.all(spinners.map((one) => one.terminate()))
  }
}

/** Throws when a calm machine never keeps `limit` milliseconds; `attempt` answers what one took. */
export const inTime = async (what: string, limit: number, attempt: () => Promise<number>): Promise<void> => {
  const took: number[] = []
  let wasCalm = false
  while (took.length < ATTEMPTS) {
    const before = await shareOfProcessors()
    took.push(await attempt())
    const share = Math.min(before, await shareOfProcessors())
    wasCalm ||= share >= CALM
    process.stdout.write(`       ${what}: ${took.at(-1)!.toFixed(0)} ms of ${limit}, ` +
      `with ${(100 * share).toFixed(0)} % of the machine\n`)
    if (took.at(-1)! <= limit) return
  }
  const told = `${what} took ${took.map((ms) => ms.toFixed(0)).join(', ')} ms, more than ${limit}`
  if (wasCalm) throw new Error(told)
  process.stdout.write(`SKIPPED: ${told}; the machine is busy, so that does not count\n`)
}
