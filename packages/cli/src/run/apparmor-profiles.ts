/** `--apparmor FILE` and `--profile`: AppArmor on the stack that a program runs under. */
import { errnoName, LSM_ID_APPARMOR } from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor'
import { isPolicyBinary, readPolicy, writePolicy } from '@lsmkit/apparmor/policydb'
import { PolicyStore } from '@lsmkit/apparmor/query'
import type { PolicyRecord } from '@lsmkit/apparmor/query'
import type { Lsm, Task } from '@lsmkit/core'
import { setTaskLabel } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { CommandError } from '../command-error.ts'
import { compileFile, profileFiles, withCommandErrors } from '../commands/apparmor/inputs.ts'
import { readHostFile } from '../host-file.ts'
import type { Io } from '../io.ts'

export interface ApparmorChoice {
  /** Files of profiles, folders of them, or compiled policies. */
  readonly apparmor?: readonly string[]
  /** The profile that the program runs under. */
  readonly profile?: string
}

/** A policy as a kernel takes it, from a file that is one or from text. */
const binaryOf = (io: Io, file: string): Uint8Array => {
  const bytes = readHostFile(io, file)
  if (!isPolicyBinary(bytes)) return writePolicy(compileFile(io, file, {}).binary)
  readPolicy(bytes)
  return bytes
}

const whyRefused = (records: readonly PolicyRecord[], rc: number): string => {
  const failed = records.findLast(({ error }) => error !== 0)
  return failed === undefined ? errnoName(rc) : `${failed.name ?? 'the policy'}: ${failed.info ?? errnoName(rc)}`
}

/** Everything that files and folders hold, loaded. Throws CommandError. */
export const loadedProfiles = (io: Io, names: readonly string[]): PolicyStore => withCommandErrors(() => {
  const store = new PolicyStore()
  for (const file of profileFiles(io, names)) {
    const records: PolicyRecord[] = []
    const rc = store.load(binaryOf(io, file), false, { record: (record) => records.push(record) })
    if (rc !== 0) throw new CommandError('badInput', `${file}: ${whyRefused(records, rc)}`)
  }
  return store
})

/** Null unless profiles are given. */
export const apparmorModule = (io: Io, { apparmor: names }: ApparmorChoice): Lsm | null =>
  names === undefined ? null : apparmor({ policy: loadedProfiles(io, names) })

/** Gives the task the profile that its next program runs under, while the task is still privileged. */
export const setProfile = (kernel: Kernel, task: Task, { profile }: ApparmorChoice): void => {
  if (profile === undefined) return
  const rc = setTaskLabel(kernel, task, profile, { executes: true, lsm: LSM_ID_APPARMOR })
  if (rc !== 0) {
    throw new CommandError('usage', `\`${profile}\` cannot be the profile: ${errnoName(rc)}`, '--apparmor FILE')
  }
}
