/** The configuration of the kernel as programs can see it. The defaults are Debian's. */
import { LSM_ID_APPARMOR } from '@lsmkit/abi'
import type { TaskAttrDir } from '@lsmkit/core'

/** Names of the configuration. */
export interface KernelConfig {
  /** fanotify groups that may refuse. */
  FANOTIFY_ACCESS_PERMISSIONS: boolean
  /** Sockets of NETLINK_XFRM. */
  XFRM_USER: boolean
  /** Guards against speculation, which tasks that may see addresses do not get (`mitigations=off` if false). */
  CPU_MITIGATIONS: boolean
}

export const defaultConfig = (): KernelConfig => ({
  FANOTIFY_ACCESS_PERMISSIONS: true, XFRM_USER: true, CPU_MITIGATIONS: true,
})

/** Below /proc/PID/attr, whether or not its LSM is in the list (CONFIG_SECURITY_APPARMOR). */
export const BUILT_IN_ATTR_DIRS: readonly TaskAttrDir[] = [
  { name: 'apparmor', id: LSM_ID_APPARMOR, files: ['current', 'prev', 'exec'] },
]
