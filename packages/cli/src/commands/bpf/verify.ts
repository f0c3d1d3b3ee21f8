/** `lsm bpf verify`: whether a Linux 6.12 kernel would take the programs, and its log. */
import { CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, capHas, errnoName } from '@lsmkit/abi'
import { verify } from '@lsmkit/bpf/verifier'
import type { LoaderRights, Verdict, VerifyOptions as VerifierOptions } from '@lsmkit/bpf/verifier'
import { capFromText } from '@lsmkit/capability'
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import type { Btf } from '@lsmkit/bpf/btf'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { checkPrograms, openFile } from './open.ts'
import type { ObjectOptions } from './open.ts'

export interface VerifyOptions extends ObjectOptions {
  /** As the kernel's: 1 keeps the path to a refusal, 2 every path and how precision is traced. */
  readonly logLevel: number
  /** Capabilities of the loader, as cap_from_text(3) reads them; all unless given. */
  readonly caps?: string
}

interface Judged extends Pick<Verdict, 'ok' | 'errno' | 'log' | 'at' | 'processed' | 'states'> {
  readonly program: ProgramSpec
}

/** 1 when a program is refused. */
export const verifyCommand = (io: Io, file: string, options: VerifyOptions): number => {
  const { object, kernelBtf, programs } = openFile(io, file, options)
  checkPrograms(file, object)
  const rights = rightsOf(options.caps)
  const judged = programs.map((program) => judge(object, kernelBtf, program, { logLevel: options.logLevel, rights }))
  if (options.json) printJson(io, { programs: judged.map(document) })
  else for (const one of judged) print(io, one, options.logLevel)
  return judged.every(({ ok }) => ok) ? EXIT.ok : EXIT.denied
}

/** As the kernel asks: CAP_SYS_ADMIN has both in it. */
const rightsOf = (caps = 'all=ep'): LoaderRights => {
  const { effective } = capFromText(caps)
  const has = (cap: number): boolean => capHas(effective, cap) || capHas(effective, CAP_SYS_ADMIN)
  return { bpf: has(CAP_BPF), perfmon: has(CAP_PERFMON), bypass_spec: has(CAP_PERFMON) }
}

type Loading = Pick<VerifierOptions, 'logLevel' | 'rights'>

const judge = (object: BpfObject, kernelBtf: Btf, program: ProgramSpec, loading: Loading): Judged => {
  const none = { program, ok: false, errno: -22, at: -1, processed: 0, states: 0 }
  if (program.broken !== null) return { ...none, log: `not linked: ${program.broken}` }
  if (program.type === 0) return { ...none, log: `no program type has a section \`${program.section}\`` }
  return { program, ...verify(program, { object, kernelBtf, ...loading }) }
}

const print = (io: Io, { program, ok, errno, log, at, processed, states }: Judged, logLevel: number): void => {
  const verdict = ok ? io.colors.green('accepted') : io.colors.red(`refused (${errnoName(errno)})`)
  io.print(`${program.name} (${program.section}): ${verdict}, ${processed} instructions walked, ${states} states`)
  if (!ok || logLevel > 0) for (const line of log.trimEnd().split('\n')) io.print(`  ${line}`)
  if (ok) return
  const missing = program.poisoned.get(at)
  if (missing !== undefined) io.print(`  it needs ${missing} (instruction ${at})`)
  for (const [slot, why] of program.poisoned) {
    if (slot !== at) io.print(`  instruction ${slot} was poisoned: ${why}`)
  }
}

const document = ({ program, ok, errno, log, at, processed, states }: Judged) => ({
  name: program.name,
  section: program.section,
  verdict: ok ? 'accepted' : 'refused',
  errno: ok ? null : errnoName(errno),
  missing: program.poisoned.get(at) ?? null,
  processed, states, log,
})
