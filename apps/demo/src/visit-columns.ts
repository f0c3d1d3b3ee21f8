/** Visits all columns, on as many threads as there are processors. */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { ColumnVisit } from './column-document.ts'
import type { ColumnWorkerData } from './column-worker.ts'

/** Each holds Ruby, its memory and what is compiled of it: more threads than these would take the machine's memory. */
const MOST_THREADS = 4

/** Of `count` columns, in order; `done` gets the part of them that is over. */
export const visitColumns = async (
  count: number, workerData: ColumnWorkerData, done: (part: number) => Promise<void>,
): Promise<readonly ColumnVisit[]> => {
  const visits: ColumnVisit[] = []
  let [next, over] = [0, 0]
  const thread = async (): Promise<void> => {
    const worker = new Worker(new URL('column-worker.ts', import.meta.url), { workerData })
    try {
      while (next < count) {
        const i = next++
        visits[i] = await answerOf(worker, i)
        await done(++over / count)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, MOST_THREADS, availableParallelism()) }, thread))
  return visits
}

/** Throws what the thread throws. */
const answerOf = async (worker: Worker, i: number): Promise<ColumnVisit> => {
  const answer = once(worker, 'message')
  worker.postMessage(i, [])
  const [visit] = await answer as [ColumnVisit]
  return visit
}
