/** Credentials: a copy has the label, the task's own rules and the labels it may change to. */
import { ENOMEM } from '@lsmkit/abi'
import type { Cred, HookGroup } from '@lsmkit/core'
import { HUH } from '../label-table.ts'
import type { Smack } from '../state.ts'

export const credHooks = (smack: Smack): HookGroup => {
  const { cred } = smack.blobs
  /** As `init_task_smack`. */
  const inherit = (next: Cred, old: Cred): void => {
    const to = cred(next)
    to.label = cred(old).label
    to.forked = cred(old).label
    to.transmuted = 0
    to.rules = null
    to.relabel = []
  }
  return {
    cred_alloc_blank(blank) {
      const state = cred(blank)
      state.label = 0
      state.forked = 0
      return 0
    },

    cred_free(gone) {
      const state = cred(gone)
      state.rules = null
      state.relabel = []
    },

    /** Lists are copied head by head, so that a copy lists its rules and labels the other way round. */
    cred_prepare(next, old) {
      inherit(next, old)
      const from = cred(old)
      const to = cred(next)
      if (from.rules !== null) to.rules = from.rules.copy()
      if (from.relabel.length > 0) to.relabel = [...from.relabel].reverse()
      return 0
    },

    cred_transfer: inherit,

    cred_getsecid(c, secid) {
      secid.value = cred(c).label
    },

    kernel_act_as(next, secid) {
      cred(next).label = labelOrHuh(smack, secid)
      return 0
    },

    kernel_create_files_as(next, inode) {
      const state = cred(next)
      state.label = state.forked = smack.blobs.inode(inode).label
      return 0
    },

    /** A file copied up in an overlay is made with the label of the overlay's inode. */
    inode_copy_up(src, next) {
      next.value ??= smack.ctx.host.prepare_creds()
      if (next.value === null) return -ENOMEM
      cred(next.value).label = smack.blobs.inode(src.d_inode!).label
      return 0
    },
  }
}

/** As `smack_from_secid`: a number is a label, `?` when nobody has it. */
export const labelOrHuh = ({ policy: { labels } }: Smack, secid: number): number => (labels.has(secid) ? secid : HUH)
