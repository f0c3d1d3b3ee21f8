/** BPF: loading programs, making maps, and using those of others. */
import { BPF_MAP_CREATE, BPF_PROG_LOAD } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { bpfSids, mapPerms } from '../bpf-sids.ts'
import { currentHas, selfHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECINITSID_UNLABELED } from '../initial-sids.ts'
import { currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { maps, programs, tokens } = bpfSids

const label = (selinux: Selinux, table: WeakMap<object, number>, object: object): number => {
  table.set(object, currentSid(selinux))
  return 0
}

export const bpfHooks: HookTable<Selinux> = {
  bpf(selinux, cmd) {
    if (cmd === BPF_MAP_CREATE) return selfHas(selinux, SECCLASS.bpf, AV.bpf.map_create)
    return cmd === BPF_PROG_LOAD ? selfHas(selinux, SECCLASS.bpf, AV.bpf.prog_load) : 0
  },
  bpf_map: (selinux, map, fmode) =>
    currentHas(selinux, maps.get(map) ?? SECINITSID_UNLABELED, SECCLASS.bpf, mapPerms(fmode)),
  bpf_prog: (selinux, prog) =>
    currentHas(selinux, programs.get(prog) ?? SECINITSID_UNLABELED, SECCLASS.bpf, AV.bpf.prog_run),

  bpf_map_create: (selinux, map) => label(selinux, maps, map),
  bpf_map_free(_selinux, map) {
    maps.delete(map)
  },
  bpf_prog_load: (selinux, prog) => label(selinux, programs, prog),
  bpf_prog_free(_selinux, prog) {
    programs.delete(prog)
  },
  bpf_token_create: (selinux, token) => label(selinux, tokens, token),
  bpf_token_free(_selinux, token) {
    tokens.delete(token)
  },
}
