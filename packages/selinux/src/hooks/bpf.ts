/** BPF: loading programs, making maps, tokens, and using the objects of others. */
import { BPF_MAP_CREATE, BPF_PROG_LOAD, EACCES } from '@lsmkit/abi'
import type { BpfToken, HookTable, Path, UserNamespace } from '@lsmkit/core'
import { bpfSids, mapPerms } from '../bpf-sids.ts'
import { capabilityClass, currentHas, selfHas } from '../checks.ts'
import { AV, laterPermission, SECCLASS } from '../class-map.ts'
import { SECINITSID_UNLABELED } from '../initial-sids.ts'
import { currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { maps, programs, tokens } = bpfSids

/** The grantor of a token, and which of map_create and prog_load it carries (7.3). */
const grants = new WeakMap<object, { readonly grantor: number; readonly perms: number }>()

const grantorOf = (token: object): number => grants.get(token)?.grantor ?? SECINITSID_UNLABELED

const label = (selinux: Selinux, table: WeakMap<object, number>, object: object): number => {
  table.set(object, currentSid(selinux))
  return 0
}

/** 7.3 asks once more when the object is made: the task itself, or the grantor of the token that it came with. */
const made = (
  selinux: Selinux, table: WeakMap<object, number>, object: object, token: object | null, perm: number,
): number => {
  label(selinux, table, object)
  if (!selinux.release.asksBpfTokens) return 0
  const sid = currentSid(selinux)
  return selinux.avc.hasPerm(token === null ? sid : grantorOf(token), sid, SECCLASS.bpf, perm, 'nothing', null)
}

const commands = [
  [BPF_MAP_CREATE, laterPermission('bpf', 'map_create_as'), AV.bpf.map_create],
  [BPF_PROG_LOAD, laterPermission('bpf', 'prog_load_as'), AV.bpf.prog_load],
] as const

/** Whoever mounted the file system grants its tokens, and each command in one is a permission. */
const grantToken = (selinux: Selinux, token: BpfToken, path: Path): number => {
  const { creator_sid: grantor } = selinux.blobs.superblock(path.dentry.d_sb)
  const sid = currentSid(selinux)
  let perms = 0
  for (const [cmd, as, perm] of commands) {
    if (((token.allowed_cmds >> BigInt(cmd)) & 1n) === 0n) continue
    const rc = selinux.avc.hasPerm(sid, grantor, SECCLASS.bpf, as, 'nothing', null)
    if (rc !== 0) return rc
    perms |= perm
  }
  grants.set(token, { grantor, perms })
  return 0
}

export const bpfHooks: HookTable<Selinux> = {
  bpf(selinux, cmd) {
    if (selinux.server.policyCap('bpf_token_perms')) return 0
    if (cmd === BPF_MAP_CREATE) return selfHas(selinux, SECCLASS.bpf, AV.bpf.map_create)
    return cmd === BPF_PROG_LOAD ? selfHas(selinux, SECCLASS.bpf, AV.bpf.prog_load) : 0
  },
  bpf_map: (selinux, map, fmode) =>
    currentHas(selinux, maps.get(map) ?? SECINITSID_UNLABELED, SECCLASS.bpf, mapPerms(fmode)),
  bpf_prog: (selinux, prog) =>
    currentHas(selinux, programs.get(prog) ?? SECINITSID_UNLABELED, SECCLASS.bpf, AV.bpf.prog_run),

  bpf_map_create: (selinux, map, _attr, token) => made(selinux, maps, map, token, AV.bpf.map_create),
  bpf_map_free(_selinux, map) {
    maps.delete(map)
  },
  bpf_prog_load: (selinux, prog, _attr, token) => made(selinux, programs, prog, token, AV.bpf.prog_load),
  bpf_prog_free(_selinux, prog) {
    programs.delete(prog)
  },
  bpf_token_create(selinux, token, _attr, path) {
    label(selinux, tokens, token)
    return selinux.release.asksBpfTokens ? grantToken(selinux, token, path) : 0
  },
  bpf_token_free(_selinux, token) {
    tokens.delete(token)
  },
}

/** The uses of tokens, which SELinux is asked about in 7.3. */
export const bpfTokenHooks: HookTable<Selinux> = {
  bpf_token_cmd(_selinux, token, cmd) {
    const row = commands.find(([one]) => one === cmd)
    return row === undefined || ((grants.get(token)?.perms ?? 0) & row[2]) !== 0 ? 0 : -EACCES
  },
  bpf_token_capable(selinux, token, cap) {
    const { userns } = token as BpfToken & { readonly userns?: UserNamespace }
    const tclass = capabilityClass(cap, userns?.parent === null)
    return selinux.avc.hasPerm(currentSid(selinux), grantorOf(token), tclass, 1 << (cap & 31), 'nothing', null)
  },
}
