/** BPF: loading programs, making maps, and using those of others. */
import { BPF_MAP_CREATE, BPF_PROG_LOAD } from '@lsmkit/abi'
import type { HookGroup } from '@lsmkit/core'
import { bpfSids, mapPerms } from '../bpf-sids.ts'
import { currentHas, selfHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECINITSID_UNLABELED } from '../initial-sids.ts'
import { currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'

export const bpfHooks = (selinux: Selinux): HookGroup => {
  const { maps, programs, tokens } = bpfSids
  const label = (table: WeakMap<object, number>, object: object): number => {
    table.set(object, currentSid(selinux))
    return 0
  }
  return {
    bpf(cmd) {
      if (cmd === BPF_MAP_CREATE) return selfHas(selinux, SECCLASS.bpf, AV.bpf.map_create)
      return cmd === BPF_PROG_LOAD ? selfHas(selinux, SECCLASS.bpf, AV.bpf.prog_load) : 0
    },
    bpf_map: (map, fmode) =>
      currentHas(selinux, maps.get(map) ?? SECINITSID_UNLABELED, SECCLASS.bpf, mapPerms(fmode)),
    bpf_prog: (prog) =>
      currentHas(selinux, programs.get(prog) ?? SECINITSID_UNLABELED, SECCLASS.bpf, AV.bpf.prog_run),

    bpf_map_create: (map) => label(maps, map),
    bpf_map_free(map) {
      maps.delete(map)
    },
    bpf_prog_load: (prog) => label(programs, prog),
    bpf_prog_free(prog) {
      programs.delete(prog)
    },
    bpf_token_create: (token) => label(tokens, token),
    bpf_token_free(token) {
      tokens.delete(token)
    },
  }
}
