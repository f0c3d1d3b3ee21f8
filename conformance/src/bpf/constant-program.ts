/** The program of the recorded tables: `r0 = returns; exit` on one hook. */
import {
  BPF_ALU64, BPF_EXIT, BPF_JMP, BPF_LSM_MAC, BPF_MOV, BPF_PROG_TYPE_LSM,
} from '@lsmkit/abi'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import type { BpfObject } from '@lsmkit/bpf'
import type { KernelRelease } from '@lsmkit/bpf/verifier'
import { emptyCode } from '@lsmkit/bpf/insn'

/** `name` tells programs of one hook apart; `release` has the hook. */
export const constantProgram = (
  name: string, hook: string, returns: number, sleepable = false, release: KernelRelease = '6.12',
): BpfObject => {
  const code = emptyCode(2)
  code.op.set([BPF_ALU64 | BPF_MOV, BPF_JMP | BPF_EXIT])
  code.imm[0] = returns
  return {
    name: 'table',
    license: 'GPL',
    maps: [],
    btf: null,
    externs: [],
    programs: [{
      name,
      section: `lsm${sleepable ? '.s' : ''}/${hook}`,
      type: BPF_PROG_TYPE_LSM,
      expectedAttachType: BPF_LSM_MAC,
      sleepable,
      flags: 0,
      attachTo: hook,
      attachBtfId: vmlinuxBtf(release).find(`bpf_lsm_${hook}`, 'func'),
      autoload: true,
      code,
      subprograms: [{ name, start: 0, typeId: 0, isGlobal: true }],
      lines: [],
      tags: [],
      poisoned: new Map(),
      broken: null,
    }],
  }
}
