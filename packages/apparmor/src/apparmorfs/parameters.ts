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
  readonly mode: number
  /** Shown to everybody who may open the file. */
  readonly isPublic?: boolean
  get(): string
  /** False: no such value. */
  set?(value: string): boolean
}

const WRITABLE = 0o600
const READABLE = 0o400
const PUBLIC = 0o444

const parameterFile = (aa: Apparmor, { name, mode, isPublic = false, get, set }: Parameter): PseudoFile => ({
  name: `apparmor/parameters/${name}`,
  mode,
  read: () => (isPublic || mayViewPolicy(aa, currentLabel(aa), null) ? get() : -EPERM),
  ...(set === undefined ? {} : {
    write(_io, data: Uint8Array) {
      if (!mayAdministrate(aa, currentLabel(aa), null)) return -EPERM
      return set(bytesName(untilNul(data))) ? data.length : -EINVAL
    },
  }),
})

/** One of several words; it is shown, and has to be written, without the end of a line. */
const choice = <T extends string>(
  name: string, words: readonly T[], get: () => T, put: (word: T) => void,
): Parameter => ({
  name,
  mode: WRITABLE,
  get,
  set(value) {
    const word = words.find((known) => known === value)
    if (word !== undefined) put(word)
    return word !== undefined
  },
})

const ON = /^(?:[yY1]|[oO][nN])/
const OFF = /^(?:[nN0]|[oO][fF])/

const yesNo = (on: boolean): string => (on ? 'Y\n' : 'N\n')

/** As `kstrtobool` takes it: only the first letters count. */
const flag = <K extends string>(name: string, holder: Record<K, boolean>, key: K): Parameter => ({
  name,
  mode: WRITABLE,
  get: () => yesNo(holder[key]),
  set(value) {
    if (ON.test(value)) holder[key] = true
    else if (OFF.test(value)) holder[key] = false
    else return false
    return true
  },
})

/** `debug` and `logsyscall` are kept and shown: in 6.12 no record depends on them. */
const parametersOf = ({ store, settings }: Apparmor): readonly Parameter[] => [
  choice('mode', profileModes, () => store.mode, (mode) => {
    store.mode = mode
  }),
  choice('audit', auditModes, () => store.audit, (audit) => {
    store.audit = audit
  }),
  flag('lock_policy', settings, 'lockPolicy'),
  flag('audit_header', settings, 'auditHeader'),
  flag('debug', settings, 'debug'),
  flag('logsyscall', settings, 'logSyscall'),
  flag('hash_policy', store, 'hashPolicy'),
  flag('export_binary', store, 'exportBinary'),
  { name: 'enabled', mode: PUBLIC, isPublic: true, get: () => yesNo(true) },
  { name: 'paranoid_load', mode: PUBLIC, get: () => yesNo(true) },
  { name: 'path_max', mode: READABLE, get: () => `${settings.pathMax}\n` },
  // what is kept is never compressed
  { name: 'rawdata_compression_level', mode: READABLE, get: () => '0\n' },
]

/** A tree of its own where a kernel has these files in sysfs. */
export const moduleParameters = (aa: Apparmor): PseudoFs => {
  const files = parametersOf(aa).map((parameter) => parameterFile(aa, parameter))
  return { type: 'module-parameters', magic: SYSFS_MAGIC, mountPoint: '/sys/module', files: () => files }
}
