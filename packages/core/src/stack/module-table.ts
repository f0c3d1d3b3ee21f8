/**
 * The table of a stack as modules of ABI 1.0 ask it: with the hooks of 6.12, in their signatures. It is the table of the
 * stack itself where that kernel is 6.12; of a later one, what changed is translated.
 */
import { ERANGE } from '@lsmkit/abi'
import type { Linux73Table } from '../generated/linux73-table.ts'
import type { KeyMap } from '../hooks/hook-defs.ts'
import { anySecid, emptyContext, emptyProp } from '../hooks/prop.ts'
import type { LsmContextText, LsmProp } from '../hooks/release-hook-defs.ts'
import type { AnyKeyMap } from '../hooks/release-maps.ts'
import { ref } from '../objects/ref.ts'
import type { Ref } from '../objects/ref.ts'

type Changed = Partial<KeyMap>

/** The table of ABI 1.0 over that of a stack; undefined where there is none yet. */
export const moduleTable = (lsm: AnyKeyMap | undefined): KeyMap | undefined => {
  if (lsm === undefined || !('current_getlsmprop_subj' in lsm)) return lsm as KeyMap | undefined
  // as a prototype, the table of the stack stays what V8 knows it as
  return Object.freeze(Object.assign(Object.create(lsm) as object, changedKeys(lsm as unknown as Linux73Table))) as KeyMap
}

const tell = (secid: Ref<number>, ask: (prop: LsmProp) => void): void => {
  const prop = emptyProp()
  ask(prop)
  secid.value = anySecid(prop)
}

/** Takes a context apart into text and length, gives it back at once, and answers 0 where a length came. */
const apart = (
  lsm: Linux73Table, text: Ref<string | null>, length: Ref<number>, ask: (cp: LsmContextText) => number,
): number => {
  const cp = emptyContext()
  const rc = ask(cp)
  if (rc < 0) return rc
  text.value = cp.context
  length.value = cp.len
  lsm.release_secctx.tell(cp)
  return 0
}

const changedKeys = (lsm: Linux73Table): Changed => ({
  current_getsecid_subj: { tell: (secid) => tell(secid, (prop) => lsm.current_getlsmprop_subj.tell(prop)) },
  task_getsecid_obj: { tell: (p, secid) => tell(secid, (prop) => lsm.task_getlsmprop_obj.tell(p, prop)) },
  inode_getsecid: { tell: (inode, secid) => tell(secid, (prop) => lsm.inode_getlsmprop.tell(inode, prop)) },
  ipc_getsecid: { tell: (ipcp, secid) => tell(secid, (prop) => lsm.ipc_getlsmprop.tell(ipcp, prop)) },
  secid_to_secctx: {
    ask: (secid, text, length) => apart(lsm, text, length, (cp) => lsm.secid_to_secctx.ask(secid, cp)),
  },
  inode_getsecctx: {
    ask: (inode, text, length) => apart(lsm, text, length, (cp) => lsm.inode_getsecctx.ask(inode, cp)),
  },
  dentry_init_security: {
    ask(dentry, mode, name, xattr_name, bytes, length) {
      const text = ref<string | null>(null)
      const rc = apart(lsm, text, length, (cp) => lsm.dentry_init_security.ask(dentry, mode, name, xattr_name, cp))
      if (rc === 0 && text.value !== null) bytes.value = new TextEncoder().encode(text.value)
      return rc
    },
  },
  // given back when it was taken: the text is a value
  release_secctx: { tell: () => {} },
  audit_rule_match: {
    ask: (secid, field, op, rule) => lsm.audit_rule_match.ask(everySecid(secid), field, op, rule),
  },
  inode_listsecurity: {
    ask(inode, buffer, size) {
      const list = ref<string | null>(buffer === null ? null : '')
      if (!('unix_find' in lsm)) return (lsm as unknown as KeyMap).inode_listsecurity.ask(inode, buffer, size)
      const left = ref(buffer === null ? 0 : 65536)
      const rc = lsm.inode_listsecurity.ask(inode, list, left)
      if (rc < 0) return rc
      const length = (buffer === null ? 0 : 65536) - left.value
      if (buffer === null || list.value === null) return length
      if (length > size) return -ERANGE
      buffer.value += list.value
      return length
    },
  },
  bpf: { ask: (cmd, attr, size) => lsm.bpf.ask(cmd, attr, size, true) },
  bpf_map_create: { ask: (map, attr, token) => lsm.bpf_map_create.ask(map, attr, token, true) },
  bpf_prog_load: { ask: (prog, attr, token) => lsm.bpf_prog_load.ask(prog, attr, token, true) },
})

/** As `lsmblob_init` made of one number before 6.13: each LSM finds it in its part. */
const everySecid = (secid: number): LsmProp =>
  ({ selinux: { secid }, smack: { skp: { secid } }, apparmor: { label: { secid } }, bpf: { secid } })
