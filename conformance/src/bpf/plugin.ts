/**
 * A plugin of the bpf_conformance runner: the program's bytes in hex on standard input, memory in hex as the first
 * argument that is not an option, r0 in hex on standard output. `--interpreter` runs the reference instead of the
 * compiler.
 *
 *     node conformance/src/bpf/plugin.ts [--interpreter] [MEMORY] < PROGRAM
 */
import { readFileSync } from 'node:fs'
import { decodeCode } from '@lsmkit/bpf/insn'
import { hexBytes } from './isa-case.ts'
import { runIsa } from './run-isa.ts'

const [, , ...args] = process.argv
const engine = args.includes('--interpreter') ? 'interpreter' : 'jit'
const memory = hexBytes(args.find((arg) => !arg.startsWith('-')) ?? '')

try {
  const program = decodeCode(hexBytes(readFileSync(0, 'utf8')))
  process.stdout.write(`${runIsa(engine, program, memory).slice(2)}\n`)
} catch (error) {
  process.stderr.write(`${error as Error}\n`)
  process.exitCode = 1
}
