/** The cost of a flood of decisions to the page: its thread's time, which load does not increase, and frames. */
import type { Page } from 'playwright-core'

export interface FloodTimes {
  /** Milliseconds of the frame that one in twenty is slower than. */
  readonly frame: number
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
  const { frame, took } = await flood(page, decisions)
  const share = ((await processor()) - begun) / took
  await session.detach()
  return { frame, share, rate: Math.round((decisions * 1000) / took) }
}

const flood = (page: Page, decisions: number): Promise<{ readonly frame: number; readonly took: number }> =>
  page.evaluate(async (wanted) => {
    const { lsmkitFlood } = globalThis as unknown as { lsmkitFlood: (n: number) => Promise<number> }
    const frames: number[] = []
    let last = performance.now()
    let isOver = false
    const onFrame = (now: number): void => {
      frames.push(now - last)
      last = now
      if (!isOver) requestAnimationFrame(onFrame)
    }
    requestAnimationFrame(onFrame)
    const took = await lsmkitFlood(wanted)
    isOver = true
    return { frame: frames.sort((a, b) => b - a)[Math.floor(frames.length / 20)]!, took }
  }, decisions)
