/** /sys/module/apparmor/parameters: a file a parameter, for whoever administrates policy (lsm.c). */
import { EINVAL, EPERM, SYSFS_MAGIC } from '@lsmkit/abi'
import type { PseudoFile, PseudoFs } from '@lsmkit/core'
import { bytesName } from '../name.ts'
import { parametersOf } from '../parameters.ts'
import type { Parameter } from '../parameters.ts'
import { untilNul } from '../policydb/stream.ts'
import { currentLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { mayAdministrate, mayViewPolicy } from './admin.ts'

const OWNER_WRITES = 0o200

const parameterFile = (aa: Apparmor, { name, mode, isPublic = false, get, set }: Parameter): PseudoFile => ({
  name: `apparmor/parameters/${name}`,
  mode,
  read: () => (isPublic || mayViewPolicy(aa, currentLabel(aa), null) ? get() : -EPERM),
  ...((mode & OWNER_WRITES) === 0 ? {} : {
    write(_io, data: Uint8Array) {
      if (!mayAdministrate(aa, currentLabel(aa), null)) return -EPERM
      return set(bytesName(untilNul(data))) ? data.length : -EINVAL
    },
  }),
})

/** A tree of its own where a kernel has these files in sysfs. */
export const moduleParameters = (aa: Apparmor): PseudoFs => {
  const files = parametersOf(aa).map((parameter) => parameterFile(aa, parameter))
  return { type: 'module-parameters', magic: SYSFS_MAGIC, mountPoint: '/sys/module', files: () => files }
}
