/** The result of a program that has ended. */
import { errnoName, WEXITSTATUS, WIFSIGNALED, WTERMSIG } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { WasiResult, WasiStats } from './options.ts'
import type { Exchange } from './served.ts'

export const resultOf = (
  { exit_code: code }: Task, reason: string, stats: WasiStats, exchange: Exchange | null = null,
): WasiResult => {
  const signal = WIFSIGNALED(code) ? WTERMSIG(code) : 0
  const ended = { status: signal !== 0 ? 128 + signal : WEXITSTATUS(code), signal, stats }
  if (exchange === null) return { ...ended, reason }
  const { failure, ...answer } = exchange.outcome
  return { ...ended, reason: reason === '' ? failure : reason, ...answer }
}

/** There was no process for it. */
export const notForked = (rc: number): WasiResult => ({
  status: 126, signal: 0, reason: `fork: ${errnoName(rc)}`, stats: { calls: 0, output: 0, pages: 0, time: 0 },
})
