/** Security contexts and labels, asked in the form that the kernel release of a table has. */
import { LSM_ID_UNDEF } from '@lsmkit/abi'
import type { LsmTable } from '../generated/lsm-table.ts'
import type { Linux73Table } from '../generated/linux73-table.ts'
import { emptyContext, emptyProp } from '../hooks/prop.ts'
import type { Cred } from '../objects/cred.ts'
import type { Inode } from '../objects/fs.ts'
import { ref } from '../objects/ref.ts'
import { isLater } from './release-keys.ts'
import type { Keys, Later } from './release-keys.ts'

/** The context of a number as text; null if no LSM of the stack gives one, or the one that does refuses. */
export const secidContext = (lsm: Keys, secid: number): string | null => {
  if (isLater(lsm)) return released(lsm, (cp) => lsm.secid_to_secctx.ask(secid, cp))
  const old = lsm as LsmTable
  const context = ref<string | null>(null)
  const length = ref(0)
  if (old.secid_to_secctx.ask(secid, context, length) !== 0 || context.value === null) return null
  old.release_secctx.tell(context.value, length.value)
  return context.value
}

const released = (lsm: Later, ask: (cp: ReturnType<typeof emptyContext>) => number): string | null => {
  const cp = emptyContext()
  if (ask(cp) < 0) return null
  const { context } = cp
  if (context !== null) lsm.release_secctx.tell(cp)
  return context
}

/** The context of credentials as text, as the binder asks for it; null as for `secidContext`. */
export const credContext = (lsm: Keys, cred: Cred): string | null => {
  const secid = ref(0)
  // binder goes by numbers on every release
  ;(lsm as LsmTable).cred_getsecid.tell(cred, secid)
  return secidContext(lsm, secid.value)
}

/**
 * The context of the current task, as audit_log_task_context asks for it; null if no LSM of the stack gives contexts,
 * or the one that does refuses.
 */
export const currentLabel = (lsm: Keys): string | null => {
  if (isLater(lsm)) {
    const prop = emptyProp()
    lsm.current_getlsmprop_subj.tell(prop)
    return released(lsm, (cp) => lsm.lsmprop_to_secctx.ask(prop, cp, LSM_ID_UNDEF))
  }
  const secid = ref(0)
  const old = lsm as LsmTable
  old.current_getsecid_subj.tell(secid)
  return secid.value === 0 ? null : secidContext(old, secid.value)
}

/** The names that LSMs list for their labels on an inode, or -errno; 7.3 asks every LSM, older kernels the first. */
export const securityNames = (lsm: Keys, inode: Inode): readonly string[] | number => {
  const text = ref<string>('')
  const rc = 'unix_find' in lsm
    ? (lsm as Linux73Table).inode_listsecurity.ask(inode, text, ref(SIZE))
    : (lsm as LsmTable).inode_listsecurity.ask(inode, text, SIZE)
  return rc < 0 ? rc : text.value.split('\0').filter((name) => name !== '')
}

const SIZE = 65536
