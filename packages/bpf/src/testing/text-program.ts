/** Programs of hooks written as assembly, in an object that can be loaded. */
import {
  BPF_LSM_CGROUP, BPF_LSM_MAC, BPF_MODIFY_RETURN, BPF_PROG_TYPE_LSM, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT,
} from '@lsmkit/abi'
import { assemble } from '../insn/asm.ts'
import type { Code } from '../insn/code.ts'
import type { BpfObject, MapSpec, ProgramSpec } from '../object/bpf-object.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'

const kinds = {
  lsm: [BPF_PROG_TYPE_LSM, BPF_LSM_MAC],
  lsm_cgroup: [BPF_PROG_TYPE_LSM, BPF_LSM_CGROUP],
  fexit: [BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT],
  fmod_ret: [BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN],
} as const

/** `section`: `lsm/file_open`, `fexit/security_file_open`, … */
export const program = (name: string, text: string | Code, section = 'lsm/file_open'): ProgramSpec => {
  const [kind, target] = section.split('/') as [keyof typeof kinds, string]
  const code = typeof text === 'string' ? assemble(text) : text
  return {
    name, section, type: kinds[kind][0], expectedAttachType: kinds[kind][1], sleepable: false, flags: 0,
    attachTo: target, autoload: true, code, lines: [], tags: [], poisoned: new Map(), broken: null,
    attachBtfId: vmlinuxBtf().find(kind.startsWith('lsm') ? `bpf_lsm_${target}` : target, 'func'),
    subprograms: [{ name, start: 0, typeId: 0, isGlobal: true }],
  }
}

export const objectOf = (...programs: ProgramSpec[]): BpfObject =>
  ({ name: 'o', license: 'GPL', maps: [], programs, btf: null, externs: [] })

/** An array: `map[0]` of an object that has it alone. */
export const arrayOf = (maxEntries: number, valueSize = 8): MapSpec => ({
  name: 'map', symbol: 'map', type: 2, keySize: 4, valueSize, maxEntries, flags: 0, extra: 0n, pinning: 0, keyTypeId: 0,
  valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(), structOpsTypeId: 0,
})
