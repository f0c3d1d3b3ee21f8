/** `lsm bpf verify`: whether Linux 6.12 would take the programs, and its log. */
import { CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, capHas, errnoName } from '@lsmkit/abi'
import { verify } from '@lsmkit/bpf/verifier'
import type { LoaderRights, Verdict, VerifyOptions as VerifierOptions } from '@lsmkit/bpf/verifier'
import { targetHint } from '@lsmkit/bpf/object'
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import { mapRefusal } from '@lsmkit/bpf/maps'
import type { BpfError, Btf } from '@lsmkit/bpf/btf'
import type { Check, Finding } from '@lsmkit/report'
import { capsOf } from '../../caps-argument.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import { checkPrograms, openFile } from './open.ts'
import type { ObjectOptions } from './open.ts'

export interface VerifyOptions extends ObjectOptions, ReportFlags {
  /** As the kernel's: 1 keeps the path to a refusal, 2 every path and how precision is traced. */
  readonly logLevel: number
  /** Capabilities of the loader, as cap_from_text(3) reads them; all unless given. */
  readonly caps?: string
}

interface Judged extends Pick<Verdict, 'ok' | 'errno' | 'log' | 'at' | 'processed' | 'states'> {
  readonly program: ProgramSpec
  /** Why it has nothing to attach to, and the option that names something; null when it has. */
  readonly target: string | null
}

interface JudgedFile {
  readonly file: string
  readonly object: BpfObject
  readonly refusals: readonly BpfError[]
  readonly judged: readonly Judged[]
}

const judgeFile = (io: Io, file: string, options: VerifyOptions): JudgedFile => {
  const { object, kernelBtf, programs } = openFile(io, file, options)
  checkPrograms(file, object)
  const loading = { logLevel: options.logLevel, rights: rightsOf(options.caps) }
  return {
    file, object, refusals: object.maps.map(mapRefusal).filter((refusal) => refusal !== null),
    judged: programs.map((program) => judge(object, kernelBtf, program, loading)),
  }
}

const checksOf = ({ file, object, refusals, judged }: JudgedFile): Check[] => [
  ...(object.btf === null ? [noTypes(file)] : []),
  ...refusals.map((one) => unmade(file, one)),
  ...judged.map((one) => checkOf(file, one)),
]

const printFile = (out: Output, { file, object, refusals, judged }: JudgedFile, logLevel: number): void => {
  if (object.btf === null) out.note(`${file}: ${out.colors.yellow('warning')}: ${NO_BTF} (${NO_BTF_HINT})`)
  for (const { message } of refusals) out.note(`${file}: ${out.colors.yellow('warning')}: ${message}`)
  for (const one of judged) print(out, one, logLevel)
}

/** 1 when a program is refused. */
export const verifyCommand = (io: Io, files: readonly string[], options: VerifyOptions): number =>
  reported(io, 'bpf verify', options, () => {
    const all = files.map((file) => judgeFile(io, file, options))
    return {
      code: all.every(({ judged }) => judged.every(({ ok }) => ok)) ? EXIT.ok : EXIT.denied,
      checks: all.flatMap(checksOf),
      rules: {
        'bpf/refused': 'A Linux 6.12 kernel does not load the program.',
        'bpf/map': 'The kernel does not make the map: its loader has to size it.',
        'bpf/no-btf': 'Without types a program cannot be attached to most hooks.',
      },
      json: (out) => printJson(out, {
        programs: all.flatMap(({ file, judged }) =>
          judged.map((one) => ({ ...(files.length === 1 ? {} : { object: file }), ...document(one) }))),
      }),
      pretty(out) {
        for (const one of all) printFile(out, one, options.logLevel)
      },
    }
  })

/** As the kernel asks: CAP_SYS_ADMIN has both in it. */
export const rightsOf = (caps = 'all=ep'): LoaderRights => {
  const { effective } = capsOf(caps)
  const has = (cap: number): boolean => capHas(effective, cap) || capHas(effective, CAP_SYS_ADMIN)
  return { bpf: has(CAP_BPF), perfmon: has(CAP_PERFMON), bypass_spec: has(CAP_PERFMON) }
}

type Loading = Pick<VerifierOptions, 'logLevel' | 'rights'>

const judge = (object: BpfObject, kernelBtf: Btf, program: ProgramSpec, loading: Loading): Judged => {
  const target = targetHint(program, kernelBtf)
  const none = { program, target, ok: false, errno: -22, at: -1, processed: 0, states: 0 }
  if (program.broken !== null) return { ...none, log: `not linked: ${program.broken}` }
  if (program.type === 0) return { ...none, log: `no program type has a section \`${program.section}\`` }
  return { ...none, ...verify(program, { object, kernelBtf, ...loading }) }
}

const NO_BTF = 'the object has no BTF: neither its maps nor what it reads of the kernel have types'
const NO_BTF_HINT = 'clang -g writes it'

const noTypes = (file: string): Check => ({
  name: `types of ${file}`, file,
  findings: [{ rule: 'bpf/no-btf', level: 'warning', message: NO_BTF, fix: NO_BTF_HINT }],
})

/** Programs are judged all the same: libbpf makes the maps before it loads one. */
const unmade = (file: string, { place, summary, hint }: BpfError): Check => ({
  name: `map ${place} of ${file}`, file, findings: [{ rule: 'bpf/map', level: 'warning', message: summary, fix: hint }],
})

/** The place is the last line of the source that the verifier was at, as its log tells. */
const checkOf = (file: string, { program, ok, errno, log, target }: Judged): Check => {
  const lines = log.trimEnd().split('\n')
  const at = lines.flatMap((line) => /^; .*@ (\S+):(\d+)$/.exec(line)?.slice(1) ?? []).slice(-2)
  const said = lines.filter((line) => !/^(processed \d+ insns|stack depth|verification time|max_states)/.test(line)).at(-1)
  const finding = (): Finding => ({
    rule: 'bpf/refused', level: 'error',
    message: `${program.name} (${program.section}) is refused (${errnoName(errno)}): ${said ?? 'no reason is given'}`,
    ...(at.length === 2 ? { file: at[0]!, line: Number(at[1]) } : {}),
    fix: [
      ...[target].filter((hint) => hint !== null),
      ...[...program.poisoned].map(([slot, why]) => `instruction ${slot} was poisoned: ${why}`),
    ].join('; ') || null,
    properties: { program: program.name, section: program.section, errno: errnoName(errno), log },
  })
  return { name: `${program.name} (${program.section})`, file, findings: ok ? [] : [finding()] }
}

const print = (
  out: Output, { program, ok, errno, log, at, processed, states, target }: Judged, logLevel: number,
): void => {
  const verdict = ok ? out.colors.green('accepted') : out.colors.red(`refused (${errnoName(errno)})`)
  out.print(`${program.name} (${program.section}): ${verdict}, ${processed} instructions walked, ${states} states`)
  if (!ok || logLevel > 0) for (const line of log.trimEnd().split('\n')) out.print(`  ${line}`)
  if (ok) return
  if (target !== null) out.print(`  ${target}`)
  const missing = program.poisoned.get(at)
  if (missing !== undefined) out.print(`  it needs ${missing} (instruction ${at})`)
  for (const [slot, why] of program.poisoned) {
    if (slot !== at) out.print(`  instruction ${slot} was poisoned: ${why}`)
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
