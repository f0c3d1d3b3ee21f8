/**
 * A folder of the host as a file system, read-only by default. Nothing outside the folder can be
 * reached through it: symbolic links are text for the kernel's own path walk, which knows no host. Files belong to one
 * owner; set-id bits do not show.
 */
import { aBoolean, aString, checkOptions, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { fileChanges, inodeChanges } from './host-changes.ts'
import { HostDir } from './host-dir.ts'
import { hostFiles } from './host-file.ts'
import { onLinux } from './host-folders.ts'
import { HostFs } from './host-fs.ts'
import type { HostOperations } from './host-fs.ts'
import { hostInodes } from './host-inode.ts'
import { hostType } from './host-super.ts'
import { WritableHostDir } from './host-write.ts'

const DESCRIPTORS = 512

export interface HostfsOptions {
  /** The host's folder. It is opened once; the mount stays on that folder even if it is renamed or replaced. */
  readonly path: string
  /** Name of the type, as mount(2) takes it. Default `hostfs`. */
  readonly type?: string
  /** Owner that all files appear to have, as ids of the initial namespace. Default root. */
  readonly uid?: number
  readonly gid?: number
  /**
   * Whether programs may change the folder (default false). Needs a host that opens below descriptors: Linux. Owners
   * stay the host's; set-id bits, devices and attributes cannot be made.
   */
  readonly writable?: boolean
  /** Most descriptors of the host that programs may hold open (default 512); the next open is -ENFILE. */
  readonly descriptors?: number
}

const rules: OptionRules<HostfsOptions> = {
  path: required(aString, "hostfs({ path: '/srv/data' })"),
  type: aString,
  uid: wholeNumber(0),
  gid: wholeNumber(0),
  writable: aBoolean,
  descriptors: wholeNumber(0),
}

const operationsOf = (own: HostFs): HostOperations =>
  own.writable === null
    ? { iops: hostInodes(own, {}), fops: hostFiles(null) }
    : { iops: hostInodes(own, inodeChanges(own)), fops: hostFiles(fileChanges(own)) }

/**
 * For `bootKernel`: `mounts: [{ type: hostfs({ path }), target: '/host' }]`. Throws OptionError, and the host's error
 * for a bad `path`.
 */
export const hostfs = (options: HostfsOptions) => {
  checkOptions(options, rules, 'hostfs')
  const { path, type = 'hostfs', uid = 0, gid = 0, writable = false, descriptors = DESCRIPTORS } = options
  if (writable && !onLinux) throw new Error('only a folder of a Linux host can be shared for writing')
  const host = writable ? new WritableHostDir(path, descriptors) : new HostDir(path, descriptors)
  return (machine: Machine): FileSystem => hostType(new HostFs(machine, host, { uid, gid }, operationsOf), type)
}
