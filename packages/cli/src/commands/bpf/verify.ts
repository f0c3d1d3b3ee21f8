/** `lsm bpf verify`: whether a Linux 6.12 kernel would take the programs, and its log. */
import { errnoName } from '@lsmkit/abi'
import { verify } from '@lsmkit/bpf/verifier'
import type { Verdict } from '@lsmkit/bpf/verifier'
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import type { Btf } from '@lsmkit/bpf/btf'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { openFile } from './open.ts'
import type { ObjectOptions } from './open.ts'

export interface VerifyOptions extends ObjectOptions {
  /** As the kernel's: 1 keeps the path to a refusal, 2 every path and how precision is traced. */
  readonly logLevel: number
}

interface Judged extends Pick<Verdict, 'ok' | 'errno' | 'log' | 'processed' | 'states'> {
  readonly program: ProgramSpec
}

/** 1 when a program is refused. */
export const verifyCommand = (io: Io, file: string, options: VerifyOptions): number => {
  const { object, kernelBtf, programs } = openFile(io, file, options)
  const judged = programs.map((program) => judge(object, kernelBtf, program, options.logLevel))
  if (options.json) printJson(io, { programs: judged.map(document) })
  else for (const one of judged) print(io, one, options.logLevel)
  return judged.every(({ ok }) => ok) ? EXIT.ok : EXIT.denied
}

const judge = (object: BpfObject, kernelBtf: Btf, program: ProgramSpec, logLevel: number): Judged => {
  const none = { program, ok: false, errno: -22, processed: 0, states: 0 }
  if (program.broken !== null) return { ...none, log: `not linked: ${program.broken}` }
  if (program.type === 0) return { ...none, log: `no program type has a section \`${program.section}\`` }
  return { program, ...verify(program, { object, kernelBtf, logLevel }) }
}

const print = (io: Io, { program, ok, errno, log, processed, states }: Judged, logLevel: number): void => {
  const verdict = ok ? io.colors.green('accepted') : io.colors.red(`refused (${errnoName(errno)})`)
  io.print(`${program.name} (${program.section}): ${verdict}, ${processed} instructions walked, ${states} states`)
  if (!ok || logLevel > 0) for (const line of log.trimEnd().split('\n')) io.print(`  ${line}`)
  if (ok) return
  for (const [slot, why] of program.poisoned) io.print(`  instruction ${slot} was poisoned: ${why}`)
}

const document = ({ program, ok, errno, log, processed, states }: Judged) => ({
  name: program.name,
  section: program.section,
  verdict: ok ? 'accepted' : 'refused',
  errno: ok ? null : errnoName(errno),
  processed, states, log,
})
