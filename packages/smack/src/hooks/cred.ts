/** Credentials: a copy has the label, the task's own rules and the labels it may change to. */
import { ENOMEM } from '@lsmkit/abi'
import type { Cred, HookTable } from '@lsmkit/core'
import { HUH } from '../label-table.ts'
import type { Smack } from '../state.ts'

/** As `init_task_smack`. */
const inherit = (smack: Smack, next: Cred, old: Cred): void => {
  const to = smack.blobs.cred(next)
  to.label = smack.blobs.cred(old).label
  to.forked = smack.blobs.cred(old).label
  to.transmuted = 0
  to.rules = null
  to.relabel = []
}

export const credHooks: HookTable<Smack> = {
  cred_alloc_blank(smack, blank) {
    const state = smack.blobs.cred(blank)
    state.label = 0
    state.forked = 0
    return 0
  },

  cred_free(smack, gone) {
    const state = smack.blobs.cred(gone)
    state.rules = null
    state.relabel = []
  },

  /** Lists are copied head by head, so that a copy lists its rules and labels the other way round. */
  cred_prepare(smack, next, old) {
    inherit(smack, next, old)
    const from = smack.blobs.cred(old)
    const to = smack.blobs.cred(next)
    if (from.rules !== null) to.rules = from.rules.copy()
    if (from.relabel.length > 0) to.relabel = [...from.relabel].reverse()
    return 0
  },

  cred_transfer: inherit,

  cred_getsecid(smack, c, secid) {
    secid.value = smack.blobs.cred(c).label
  },

  kernel_act_as(smack, next, secid) {
    smack.blobs.cred(next).label = labelOrHuh(smack, secid)
    return 0
  },

  kernel_create_files_as(smack, next, inode) {
    const state = smack.blobs.cred(next)
    state.label = state.forked = smack.blobs.inode(inode).label
    return 0
  },

  /** A file copied up in an overlay is made with the label of the overlay's inode. */
  inode_copy_up(smack, src, next) {
    next.value ??= smack.ctx.host.prepare_creds()
    if (next.value === null) return -ENOMEM
    smack.blobs.cred(next.value).label = smack.blobs.inode(src.d_inode!).label
    return 0
  },
}

/** As `smack_from_secid`: a number is a label, `?` when nobody has it. */
export const labelOrHuh = ({ policy: { labels } }: Smack, secid: number): number => (labels.has(secid) ? secid : HUH)
