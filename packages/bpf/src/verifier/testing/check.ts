/**
 * Programs written as assembly, verified against a few maps and lsmkit's own kernel types: what the verifier's tests
 * stand on.
 */
import { assemble } from '../../insn/asm.ts'
import type { BpfObject, MapSpec, ProgramSpec } from '../../object/bpf-object.ts'
import { vmlinuxBtf } from '../../vmlinux/index.ts'
import type { LoaderRights } from '../session.ts'
import type { Verdict } from '../verify.ts'
import { verify } from '../verify.ts'

const SOCKET_FILTER = 1
const types: Readonly<Record<string, number>> = { tc: 3, cgroup_skb: 8 }
const LSM = 29
const LSM_MAC = 27
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
 * `map[0]` to `map[7]` of every case: array, hash, ring buffer, constants 1 to 16, and program arrays: two of whoever
 * loads, one of somebody unprivileged, one of root.
 */
const maps: readonly MapSpec[] = [
  map('numbers', 2, 4, 16, 4), map('table', 1, 8, 48, 16), map('events', 27, 0, 0, 4096),
  map('constants', 2, 4, 16, 1, Uint8Array.from({ length: 16 }, (_, i) => i + 1)), map('programs', 3, 4, 4, 8),
  map('others', 3, 4, 4, 8),
  { ...map('somebodys', 3, 4, 4, 8), isMasked: true }, { ...map('roots', 3, 4, 4, 8), isMasked: false },
]

interface Case {
  readonly code: string
  /** `socket` (the default), `cgroup_skb`, `tc`, or a hook: `lsm/file_open`, `lsm.s/file_open`. */
  readonly section?: string
  readonly license?: string
  readonly logLevel?: number
  readonly flags?: number
  /** Of the loader; all unless given. */
  readonly rights?: LoaderRights
  /** Functions of the program by label-less slot: types are not looked at, their presence is. */
  readonly functions?: readonly number[]
}

const programOf = ({ code, section = 'socket', functions = [] }: Case): ProgramSpec => {
  const hook = /^lsm(\.s)?\/(.*)$/.exec(section)
  const kernel = vmlinuxBtf()
  return {
    name: 'case', section, type: hook ? LSM : types[section] ?? SOCKET_FILTER,
    expectedAttachType: hook ? LSM_MAC : 0, sleepable: hook?.[1] !== undefined, flags: 0, attachTo: hook?.[2] ?? null,
    attachBtfId: hook ? kernel.find(`bpf_lsm_${hook[2]!}`, 'func') : 0, autoload: true, code: assemble(code),
    subprograms: [0, ...functions].map((start) =>
      ({ name: start === 0 ? 'case' : `f${start}`, start, typeId: 1, isGlobal: false })),
    lines: [], tags: [], poisoned: new Map(), broken: null,
  }
}

/** Verifies the case. */
export const check = (one: Case): Verdict => {
  const program = programOf(one)
  const object: BpfObject = {
    name: 'case', license: one.license ?? 'GPL', maps, programs: [program], btf: null, externs: [],
  }
  const { logLevel = 1, flags = INVARIANTS, rights } = one
  const kernelBtf = vmlinuxBtf()
  return verify(program, { object, kernelBtf, logLevel, flags, ...(rights === undefined ? {} : { rights }) })
}

/** `ok`, or the log of a refusal. */
export const outcome = (one: Case): string => {
  const verdict = check(one)
  return verdict.ok ? 'ok' : verdict.log
}
