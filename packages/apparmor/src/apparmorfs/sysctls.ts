/** /proc/sys/kernel/*apparmor*: numbers that only who administrates policy reads and writes (lsm.c). */
import { PROC_SUPER_MAGIC } from '@lsmkit/abi'
import { intSysctl } from '@lsmkit/core'
import type { PseudoFs } from '@lsmkit/core'
import { currentLabel } from '../state.ts'
import type { Apparmor, Settings } from '../state.ts'
import { mayAdministrate } from './admin.ts'

/** The setting of each file. */
const names = {
  unprivileged_userns_apparmor_policy: 'unprivilegedUsernsPolicy',
  apparmor_display_secid_mode: 'displaySecidMode',
  apparmor_restrict_unprivileged_unconfined: 'restrictUnprivilegedUnconfined',
} as const satisfies Readonly<Record<string, keyof Settings>>

const ANY_INT = [-0x80000000, 0x7fffffff] as const
const MODE = 0o600

export const sysctls = (aa: Apparmor): PseudoFs => {
  const { settings } = aa
  const may = (): boolean => mayAdministrate(aa, currentLabel(aa), null)
  const files = Object.entries(names).map(([name, key]) => intSysctl({
    name: `kernel/${name}`, mode: MODE, mayRead: may, mayWrite: may, range: () => ANY_INT, get: () => settings[key],
    set: (value) => {
      settings[key] = value
    },
  }))
  return { type: 'sysctl', magic: PROC_SUPER_MAGIC, mountPoint: '/proc/sys', files: () => files }
}
