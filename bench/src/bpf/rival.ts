/**
 * The same programs in another runner: `CMD MEMORY RUNS POINTERS` gets the program as hex on standard input, memory as
 * hex, and offsets in it, by comma, of pointers that count from its start. It prints r0 in hex and, on a second line,
 * nanoseconds of one run. r1 is the memory's address; map 0 has the keys 0 to 1023 of 4 bytes, with themselves as
 * values of 8, and is an array or a hash, as MAP in the environment says.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { assemble, encodeCode } from '@lsmkit/bpf/insn'
import { computing, lookUps } from './kernels.ts'
import type { Computing } from './kernels.ts'
import { policy, policyMemory } from './policy.ts'

/** The contests of a rival: nanoseconds an instruction, a look-up, or a run of the LSM program. */
export type Contest = Computing | 'array' | 'hash' | 'program'

/** Bytes behind r1, as our own runs have them. */
const plain = { memory: Uint8Array.from({ length: 8192 }, (_, at) => at * 31), pointers: [] }

const contestOf = (name: Contest) => {
  if (name === 'program') return { text: policy, count: 1, ...policyMemory() }
  return { ...(name === 'array' || name === 'hash' ? lookUps : computing[name]), ...plain }
}

/** The number asked for, or a sentence of what went wrong. */
export const askRival = (command: string, name: Contest, runs: number): number | string => {
  const { text, count, memory, pointers } = contestOf(name)
  const input = Buffer.from(encodeCode(assemble(text))).toString('hex')
  const line = `${command} ${Buffer.from(memory).toString('hex')} ${runs} ${pointers.join(',')}`.trimEnd()
  const env = { ...process.env, MAP: name === 'hash' ? 'hash' : 'array' }
  const { stdout, stderr, status, error } = spawnSync(line, { input, encoding: 'utf8', shell: true, env })
  if (error) return error.message
  const nanoseconds = Number(stdout.trim().split('\n')[1])
  if (status !== 0 || !(nanoseconds > 0)) return `exit ${status ?? 'by signal'}: ${stderr.trim() || stdout.trim()}`
  return nanoseconds / count
}

/** The best of several asks; a sentence when there is no answer. */
export const bestOf = (command: string, name: Contest, asks: number, runs: number): number | string => {
  let best = Infinity
  for (let ask = 0; ask < asks; ask++) {
    const answer = askRival(command, name, runs)
    if (typeof answer === 'string') return answer
    best = Math.min(best, answer)
  }
  return best
}

const source = fileURLToPath(new URL('./rivals/lean.c', import.meta.url))
const built = fileURLToPath(new URL('../../out/bpf-lean', import.meta.url))

/** Our own eBPF machine in C as a command, built where there is a compiler; null where there is none. */
export const leanRival = (): string | null => {
  mkdirSync(new URL('../../out/', import.meta.url), { recursive: true })
  spawnSync('cc', ['-O2', '-o', built, source], { stdio: ['ignore', 2, 2] })
  return existsSync(built) ? built : null
}
