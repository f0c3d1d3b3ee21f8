/**
 * The same programs in another runner: `CMD MEMORY RUNS` gets the program as hex on standard input, memory as hex, and
 * prints r0 in hex and, on a second line, nanoseconds of one run. r1 is the memory's address.
 */
import { spawnSync } from 'node:child_process'
import { assemble, encodeCode } from '@lsmkit/bpf/insn'
import { computing } from './kernels.ts'
import type { Computing } from './kernels.ts'

/** Bytes behind r1, as our own runs have them. */
const memory = Buffer.from(Uint8Array.from({ length: 8192 }, (_, at) => at * 31)).toString('hex')

/** Nanoseconds an instruction, or a sentence of what went wrong. */
export const askRival = (command: string, name: Computing, runs: number): number | string => {
  const { text, count } = computing[name]
  const program = Buffer.from(encodeCode(assemble(text))).toString('hex')
  const options = { input: program, encoding: 'utf8', shell: true } as const
  const { stdout, stderr, status, error } = spawnSync(command, [memory, String(runs)], options)
  if (error) return error.message
  const nanoseconds = Number(stdout.trim().split('\n')[1])
  if (status !== 0 || !(nanoseconds > 0)) return `exit ${status ?? 'by signal'}: ${stderr.trim() || stdout.trim()}`
  return nanoseconds / count
}
