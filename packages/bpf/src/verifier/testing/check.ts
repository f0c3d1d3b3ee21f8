/**
 * Programs written as assembly, verified against a few maps and lsmkit's own kernel types: what the verifier's tests
 * stand on.
 */
import type { Btf } from '../../btf/btf.ts'
import { assemble } from '../../insn/asm.ts'
import type { Code } from '../../insn/code.ts'
import type { BpfObject, MapSpec, ProgramSpec } from '../../object/bpf-object.ts'
import type { KernelRelease } from '../../kernels/releases.ts'
import { vmlinuxBtf } from '../../vmlinux/index.ts'
import type { LoaderRights } from '../session.ts'
import type { Verdict } from '../verify.ts'
import { verify } from '../verify.ts'

const SOCKET_FILTER = 1
const types: Readonly<Record<string, number>> =
  { kprobe: 2, tc: 3, tracepoint: 5, xdp: 6, perf_event: 7, cgroup_skb: 8, raw_tp: 17, syscall: 31 }
const TRACING = 26
const LSM = 29
/** Type, attach type and prefix of what a section names behind its first word. */
const attached: Readonly<Record<string, readonly [type: number, attach: number, prefix: string, kind?: 'typedef']>> = {
  lsm: [LSM, 27, 'bpf_lsm_'], fentry: [TRACING, 24, ''], fexit: [TRACING, 25, ''], fmod_ret: [TRACING, 26, ''],
  tp_btf: [TRACING, 23, 'btf_trace_', 'typedef'], lsm_tp: [LSM, 23, 'btf_trace_', 'typedef'],
}
/** A state at every prune point, contradictions refused: the hardest flags. */
const INVARIANTS = 128

const map =
  (name: string, type: number, keySize: number, valueSize: number, maxEntries: number,
    data: Uint8Array | null = null): MapSpec => ({
    name, symbol: name, type, keySize, valueSize, maxEntries, flags: data === null
      ? 0 : 1 << 7, extra: 0n, pinning: 0, keyTypeId: 0,
    valueTypeId: 0, data, frozen: data !== null, inner: null, slots: new Map(), structOpsTypeId: 0,
  })

/**
 * `map[0]` to `map[8]` of every case: array, hash, ring buffer, constants 1 to 16, program arrays (two of whoever
 * loads, one of somebody unprivileged, one of root), and devices.
 */
const maps: readonly MapSpec[] = [
  map('numbers', 2, 4, 16, 4), map('table', 1, 8, 48, 16), map('events', 27, 0, 0, 4096),
  map('constants', 2, 4, 16, 1, Uint8Array.from({ length: 16 }, (_, i) => i + 1)), map('programs', 3, 4, 4, 8),
  map('others', 3, 4, 4, 8),
  { ...map('somebodys', 3, 4, 4, 8), isMasked: true }, { ...map('roots', 3, 4, 4, 8), isMasked: false },
  map('devices', 14, 4, 4, 1),
]

interface Case {
  readonly code: string
  /** `socket` (the default), another type, or with what it hangs on: `lsm.s/file_open`, `fexit/security_file_open`. */
  readonly section?: string
  /** `expected_attach_type` other than the section's. */
  readonly attach?: number
  /** lsmkit's own unless given. */
  readonly kernelBtf?: Btf
  /** 6.12 unless given. */
  readonly kernel?: KernelRelease
  readonly errorInjection?: boolean
  readonly license?: string
  readonly logLevel?: number
  readonly flags?: number
  /** Of the loader; all unless given. */
  readonly rights?: LoaderRights
  /** Functions of the program by label-less slot: types are not looked at, their presence is. */
  readonly functions?: readonly number[]
  /** A global function by slot, with its type in `types`. */
  readonly global?: { readonly start: number; readonly typeId: number; readonly types: Btf }
  /** Changes instructions that the assembler has no text for. */
  readonly change?: (code: Code) => void
}

const programOf = (one: Case, kernel: Btf): ProgramSpec => {
  const { code, section = 'socket', functions = [] } = one
  const [, word, sleeps, target] = /^(\w+)(\.s)?(?:\/(.*))?$/.exec(section)!
  const [type, attach, prefix, kind] = attached[word!] ?? [types[word!] ?? SOCKET_FILTER, 0, '']
  const instructions = assemble(code)
  one.change?.(instructions)
  const globals = one.global === undefined
    ? [] : [{ name: 'global', start: one.global.start, typeId: one.global.typeId, isGlobal: true }]
  return {
    name: 'case', section, type, expectedAttachType: one.attach ?? attach, sleepable: sleeps !== undefined, flags: 0,
    attachTo: target ?? null, attachBtfId: target ? kernel.find(prefix + target, kind ?? 'func') : 0, autoload: true,
    code: instructions,
    subprograms: [...[0, ...functions].map((start) =>
      ({ name: start === 0 ? 'case' : `f${start}`, start, typeId: 1, isGlobal: false })), ...globals],
    lines: [], tags: [], poisoned: new Map(), broken: null,
  }
}

/** Verifies the case. */
export const check = (one: Case): Verdict => {
  const { logLevel = 1, flags = INVARIANTS, rights, errorInjection = false } = one
  const { kernelBtf = vmlinuxBtf(), kernel = '6.12' } = one
  const program = programOf(one, kernelBtf)
  const object: BpfObject = {
    name: 'case', license: one.license ?? 'GPL', maps, programs: [program], btf: one.global?.types ?? null, externs: [],
  }
  return verify(program,
    { object, kernelBtf, kernel, logLevel, flags, errorInjection, ...(rights === undefined ? {} : { rights }) })
}

/** `ok`, or the log of a refusal. */
export const outcome = (one: Case): string => {
  const verdict = check(one)
  return verdict.ok ? 'ok' : verdict.log
}
