/** /sys/module/apparmor/parameters: switches for all profiles, for whoever administrates policy (lsm.c). */
import { EINVAL, EPERM, SYSFS_MAGIC } from '@lsmkit/abi'
import type { PseudoFile, PseudoFs } from '@lsmkit/core'
import { auditModes } from '../domain/policy-store.ts'
import { bytesName } from '../name.ts'
import { profileModes } from '../policydb/policy.ts'
import { untilNul } from '../policydb/stream.ts'
import { currentLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { mayAdministrate, mayViewPolicy } from './admin.ts'

interface Parameter {
  readonly name: string
  readonly mode?: number
  get(): string
  /** False: no such value. */
  set?(value: string): boolean
}

const WRITABLE = 0o600
const READABLE = 0o400

const parameterFile = (aa: Apparmor, { name, get, set }: Parameter): PseudoFile => ({
  name: `apparmor/parameters/${name}`,
  mode: set === undefined ? READABLE : WRITABLE,
  read() {
    const label = currentLabel(aa)
    return mayViewPolicy(aa, label, label.namespace) ? get() : -EPERM
  },
  ...(set === undefined ? {} : {
    write(_io, data: Uint8Array) {
      const label = currentLabel(aa)
      if (!mayAdministrate(aa, label, label.namespace)) return -EPERM
      return set(bytesName(untilNul(data)).replace(/\n$/, '')) ? data.length : -EINVAL
    },
  }),
})

/** One of several words; it is shown without the end of a line. */
const choice = <T extends string>(
  name: string, words: readonly T[], get: () => T, put: (word: T) => void,
): Parameter => ({
  name,
  get,
  set(value) {
    const word = words.find((known) => known === value)
    if (word !== undefined) put(word)
    return word !== undefined
  },
})

const ON = /^(?:[yY1]|[oO][nN])/
const OFF = /^(?:[nN0]|[oO][fF])/

const parametersOf = ({ store, settings }: Apparmor): readonly Parameter[] => [
  choice('mode', profileModes, () => store.mode, (mode) => {
    store.mode = mode
  }),
  choice('audit', auditModes, () => store.audit, (audit) => {
    store.audit = audit
  }),
  {
    name: 'lock_policy',
    get: () => (settings.lockPolicy ? 'Y\n' : 'N\n'),
    set(value) {
      if (ON.test(value)) settings.lockPolicy = true
      else if (OFF.test(value)) settings.lockPolicy = false
      else return false
      return true
    },
  },
  { name: 'enabled', get: () => 'Y\n' },
  { name: 'path_max', get: () => `${settings.pathMax}\n` },
]

/** A tree of its own where a kernel has these files in sysfs. */
export const moduleParameters = (aa: Apparmor): PseudoFs => {
  const files = parametersOf(aa).map((parameter) => parameterFile(aa, parameter))
  return { type: 'module-parameters', magic: SYSFS_MAGIC, mountPoint: '/sys/module', files: () => files }
}
