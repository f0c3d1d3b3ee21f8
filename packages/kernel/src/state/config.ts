/** What a kernel is built with, where programs can tell: names of its configuration, and Debian's choice. */
export interface KernelConfig {
  /** fanotify groups that may refuse. */
  FANOTIFY_ACCESS_PERMISSIONS: boolean
  /** Sockets of NETLINK_XFRM. */
  XFRM_USER: boolean
  /** Guards against speculation, which who may see addresses can do without (`mitigations=off` when false). */
  CPU_MITIGATIONS: boolean
}

export const defaultConfig = (): KernelConfig => ({
  FANOTIFY_ACCESS_PERMISSIONS: true, XFRM_USER: true, CPU_MITIGATIONS: true,
})
