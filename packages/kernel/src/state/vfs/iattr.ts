/** Changes of attributes in the making, as notify_change and the hooks take them. */
import type { File, Iattr } from '@lsmkit/core'

/** An Iattr that changes what `ia_valid` says, with every other field at rest. */
export class AttrChange implements Iattr {
  ia_valid: number
  ia_mode = 0
  ia_uid = 0
  ia_gid = 0
  ia_size = 0
  ia_atime_sec = 0
  ia_atime_nsec = 0
  ia_mtime_sec = 0
  ia_mtime_nsec = 0
  ia_file: File | null = null

  constructor(ia_valid: number) {
    this.ia_valid = ia_valid
  }
}
