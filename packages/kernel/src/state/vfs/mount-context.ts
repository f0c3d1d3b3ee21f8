/** The state of a mount that is being set up (struct fs_context). */
import { FS_CONTEXT_CREATE_PARAMS } from '@lsmkit/abi'
import type { Cred, Dentry, FsContext, UserNamespace } from '@lsmkit/core'
import type { FileSystem } from './driver.ts'

/** Lines of the log that are kept. */
const MOST_LINES = 8

export class MountContext implements FsContext {
  fs_type: FileSystem
  root: Dentry | null = null
  cred: Cred
  user_ns: UserNamespace
  security: object | null = null
  source: string | null = null
  sb_flags: number
  sb_flags_mask: number
  purpose: number
  fs_private: object | null = null
  phase = FS_CONTEXT_CREATE_PARAMS
  /** Refuse a super block that exists already (FSCONFIG_CMD_CREATE_EXCL). */
  exclusive = false
  /** Came by mount(2) rather than fsopen(2). */
  oldapi = false
  /** Messages that read(2) of the context's descriptor gives, `e ` for errors; the last ones (struct fc_log). */
  readonly log: string[] = []

  tell(line: string): void {
    this.log.push(line)
    if (this.log.length > MOST_LINES) this.log.shift()
  }

  constructor(
    fs_type: FileSystem,
    cred: Cred,
    user_ns: UserNamespace,
    sb_flags: number,
    mask: number,
    purpose: number,
  ) {
    this.fs_type = fs_type
    this.cred = cred
    this.user_ns = user_ns
    this.sb_flags = sb_flags
    this.sb_flags_mask = mask
    this.purpose = purpose
  }
}
