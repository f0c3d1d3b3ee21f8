/** The kernel log, io_uring, and mappings below the lowest address. */
import { CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, EACCES, EINVAL, EPERM, MAY_READ } from '@lsmkit/abi'
import { cap_mmap_addr } from '@lsmkit/core'
import type { HookTable } from '@lsmkit/core'
import { credPrivileged, currentLabel, currentPrivileged } from '../state.ts'
import type { Smack } from '../state.ts'
import { credFileCheck } from './file-check.ts'

export const systemHooks: HookTable<Smack> = {
  /** Open to all until smackfs/syslog names a label. */
  syslog(smack) {
    if (currentPrivileged(smack, CAP_MAC_OVERRIDE)) return 0
    const { syslog } = smack.policy
    if (syslog === 0 || syslog === currentLabel(smack)) return 0
    return smack.ctx.audit.deny(-EACCES, 'the log has another label')
  },

  /** The capability module's own check; the kernel registers it a second time for Smack. */
  mmap_addr: (smack, addr) => cap_mmap_addr(smack.ctx.current.task, addr, smack.ctx.host.dac_mmap_min_addr),

  uring_override_creds(smack, next) {
    if (smack.blobs.cred(next).label === currentLabel(smack)) return 0
    return credPrivileged(smack, smack.ctx.current.task.cred, CAP_MAC_OVERRIDE) ? 0 : -EPERM
  },

  uring_sqpoll: (smack) => (credPrivileged(smack, smack.ctx.current.task.cred, CAP_MAC_ADMIN) ? 0 : -EPERM),

  /** The modes that the file could be opened for: in the kernel a best guess. */
  uring_cmd: (smack, { file }) => (file ? credFileCheck(smack, file, MAY_READ, 'smack_uring_cmd') : -EINVAL),
}
