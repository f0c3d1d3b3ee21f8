/** Parameters of the module: switches for all profiles, set at boot (`apparmor.mode=complain`) or later (lsm.c). */
import { kstrtoint } from '@lsmkit/core'
import { auditModes } from './domain/policy-store.ts'
import { profileModes } from './policydb/policy.ts'
import type { Apparmor } from './state.ts'

export interface Parameter {
  readonly name: string
  /** Permissions of its file. */
  readonly mode: number
  /** Shown to everybody who may open the file. */
  readonly isPublic?: boolean
  get(): string
  /** Null: the parameter stands without a value. False: there is no such value. */
  set(value: string | null): boolean
}

const WRITABLE = 0o600
const READABLE = 0o400
const PUBLIC = 0o444

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

/** As `kstrtobool` takes it: only the first letters count. */
const flag = <K extends string>(name: string, holder: Record<K, boolean>, key: K, mode = WRITABLE): Parameter => ({
  name,
  mode,
  get: () => (holder[key] ? 'Y\n' : 'N\n'),
  set(value) {
    if (value === null || ON.test(value)) holder[key] = true
    else if (OFF.test(value)) holder[key] = false
    else return false
    return true
  },
})

/** Size of `union aa_buffer`. */
const LEAST_PATH_MAX = 16

const pathMax = ({ settings }: Apparmor): Parameter => ({
  name: 'path_max',
  mode: READABLE,
  get: () => `${settings.pathMax}\n`,
  set(value) {
    const number = value === null ? null : kstrtoint(value)
    if (number === null || number < 0) return false
    settings.pathMax = Math.max(number, LEAST_PATH_MAX)
    return true
  },
})

/**
 * In 6.12 no record depends on `debug` and `logsyscall`. Tables are checked whatever `paranoid_load` says, and raw data
 * is never compressed.
 */
export const parametersOf = (aa: Apparmor): readonly Parameter[] => {
  const { store, settings } = aa
  return [
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
    flag('paranoid_load', settings, 'paranoidLoad', PUBLIC),
    { name: 'enabled', mode: PUBLIC, isPublic: true, get: () => 'Y\n', set: () => true },
    pathMax(aa),
    { name: 'rawdata_compression_level', mode: READABLE, get: () => '0\n', set: () => true },
  ]
}

/** Takes `apparmor.NAME=VALUE` of the command line; the last one counts. Returns a line of the log for each mistake. */
export const takeBootParameters = (aa: Apparmor): readonly string[] => {
  const known = new Map(parametersOf(aa).map((parameter) => [`apparmor.${parameter.name}`, parameter]))
  return aa.ctx.bootParameters.flatMap(({ name, value }) =>
    known.get(name)?.set(value) === false
      ? [`Booting kernel: \`${value ?? ''}' invalid for parameter \`${name}'`]
      : [])
}
