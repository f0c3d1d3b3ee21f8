/** The cost of a flood of decisions to the page: its thread's time, which load does not increase, and frames. */
import type { Page } from 'playwright-core'

export interface FloodTimes {
  /** Milliseconds from one frame to the next: half of them are shorter. */
  readonly median: number
  /** The longest. */
  readonly worst: number
  /** Milliseconds of processor that the longest task of the page's thread had: load does not increase it. */
  readonly longest: number
  /** Of the time that it took, what the page's thread had a processor for. */
  readonly share: number
  /** Decisions a second. */
  readonly rate: number
}

export const floodTimes = async (page: Page, decisions: number): Promise<FloodTimes> => {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const processor = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value
  }
  const begun = await processor()
  const browser = page.context().browser()!
  await browser.startTracing(page, { categories: ['toplevel'] })
  const { median, worst, took } = await flood(page, decisions)
  const longest = longestTask(await browser.stopTracing())
  const share = ((await processor()) - begun) / took
  await session.detach()
  return { median, worst, longest, share, rate: Math.round((decisions * 1000) / took) }
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds of processor. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

const longestTask = (trace: Buffer): number => {
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] }
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}.${tid}`
  const pages = new Set(traceEvents
    .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
    .map(threadOf))
  const tasks = traceEvents.filter((event) => event.tdur !== undefined && pages.has(threadOf(event)))
  if (tasks.length === 0) throw new Error('the trace has no task of a page')
  return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1000
}

interface Gaps {
  readonly median: number
  readonly worst: number
  readonly took: number
}

/** Frames are watched for some more time, until what has come is drawn. */
const AFTER = 600

const flood = (page: Page, decisions: number): Promise<Gaps> =>
  page.evaluate(async ([wanted, after]) => {
    const { lsmkitFlood } = globalThis as unknown as { lsmkitFlood: (n: number) => Promise<number> }
    const gaps: number[] = []
    let last = performance.now()
    let isOver = false
    const onFrame = (now: number): void => {
      gaps.push(now - last)
      last = now
      if (!isOver) requestAnimationFrame(onFrame)
    }
    requestAnimationFrame(onFrame)
    const took = await lsmkitFlood(wanted)
    await new Promise((resolve) => void setTimeout(resolve, after))
    isOver = true
    gaps.sort((a, b) => a - b)
    return { median: gaps[gaps.length >> 1]!, worst: gaps.at(-1)!, took }
  }, [decisions, AFTER] as const)
