/** The meaning of rules on a target: its kernel's features, cut with those that the policy was written for. */
import type { Features } from './features.ts'

/** Features of rules: both the kernel and the policy's abi must have them. */
const SHARED = {
  network: 'network',
  networkV8: 'network_v8',
  inet: 'network_v8/af_inet',
  unix: 'network/af_unix',
  mount: 'mount',
  dbus: 'dbus',
  signal: 'signal',
  ptrace: 'ptrace',
  stacking: 'domain/stack',
  xattr: 'domain/attach_conditions/xattr',
  userns: 'namespaces/mask/userns_create',
  posixMqueue: 'ipc/posix_mqueue',
  sysvMqueue: 'ipc/sysv_mqueue',
  ioUring: 'io_uring',
  interruptible: 'policy/profile/interruptible',
  killSignal: 'policy/profile/kill.signal',
  error: 'policy/profile/error',
} as const

export type TargetFeature = keyof typeof SHARED

/** The path of a feature in a features file. */
export const featurePath = (feature: TargetFeature): string => SHARED[feature]

/** Capabilities that were part of sys_admin before they had names of their own. */
const SPLIT_FROM_SYS_ADMIN = ['bpf', 'checkpoint_restore', 'perfmon']

export interface Target extends Readonly<Record<TargetFeature, boolean>> {
  /** 5, 6 or 7: the number in the header of the binary. */
  readonly abi: number
  readonly outOfBand: boolean
  /** Permissions in tables of their own; otherwise inside the automaton. */
  readonly permTables: boolean
  /** Capabilities that the kernel does not know by themselves: `sys_admin` stands for them. */
  readonly foldedCapabilities: ReadonlySet<string>
}

/** Sockets by family and type in a list of its own, as kernels before 4.17 take it. */
export const hasOldNetwork = ({ network, networkV8 }: Target): boolean => network && !networkV8

export const targetOf = (kernel: Features, policy: Features): Target => {
  const shared = Object.fromEntries(Object.entries(SHARED).map(([name, path]) => (
    [name, kernel.supports(path) && policy.supports(path)]
  ))) as Record<TargetFeature, boolean>
  const known = kernel.words('caps/mask')
  return {
    ...shared,
    abi: kernel.supports('policy/versions/v7') ? 7 : kernel.supports('policy/versions/v6') ? 6 : 5,
    outOfBand: kernel.supports('policy/outofband'),
    // Kernels with the first version of the tables check them wrongly, so that no policy for them has one.
    permTables: kernel.supports('policy/permstable32') && !kernel.supports('policy/permstable32_version/0x000001'),
    foldedCapabilities: new Set(SPLIT_FROM_SYS_ADMIN.filter((name) => !known.includes(name))),
  }
}
