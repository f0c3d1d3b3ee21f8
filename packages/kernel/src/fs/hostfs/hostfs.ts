/**
 * A folder of the host as a file system, read-only by default. Nothing outside the folder can be
 * reached through it: symbolic links are text for the kernel's own path walk, which knows no host. Files belong to one
 * owner; set-id bits do not show.
 */
import { aBoolean, aString, checkOptions, oneOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { fileChanges, inodeChanges } from './host-changes.ts'
import { HostDir } from './host-dir.ts'
import { hostFiles } from './host-file.ts'
import { HostFs } from './host-fs.ts'
import type { HostOperations } from './host-fs.ts'
import { hostInodes } from './host-inode.ts'
import type { LabelSpace } from './host-node.ts'
import { onLinux } from './host-paths.ts'
import { hostType } from './host-super.ts'
import { nativeCalls, noNative } from './native.ts'
import { nodeCalls } from './node-calls.ts'
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
  /**
   * Whether the host is asked by system calls instead of `node:fs` (default false): openat2, statx, getdents64. It is
   * quicker, and every call is below a descriptor. Needs Linux 5.6 or later and the package `koffi`.
   */
  readonly native?: boolean
  /**
   * Where labels of modules are kept in the host's extended attributes, so that they outlive the process: `user` as
   * `user.lsmkit.NAME`, `security` as `security.NAME`, which needs a privileged process. Default: nowhere. Needs
   * `native`.
   */
  readonly labels?: LabelSpace
}

const rules: OptionRules<HostfsOptions> = {
  path: required(aString, "hostfs({ path: '/srv/data' })"),
  type: aString,
  uid: wholeNumber(0),
  gid: wholeNumber(0),
  writable: aBoolean,
  descriptors: wholeNumber(0),
  native: aBoolean,
  labels: oneOf('user', 'security'),
}

const operationsOf = (own: HostFs): HostOperations =>
  own.writable === null
    ? { iops: hostInodes(own, {}), fops: hostFiles(null) }
    : { iops: hostInodes(own, inodeChanges(own)), fops: hostFiles(fileChanges(own)) }

/**
 * For `bootKernel`: `mounts: [{ type: hostfs({ path }), target: '/host' }]`. Throws OptionError, HostfsError if
 * `native` cannot be had, and the host's error for a bad `path`.
 */
export const hostfs = (options: HostfsOptions) => {
  checkOptions(options, rules, 'hostfs')
  const { path, type = 'hostfs', uid = 0, gid = 0, descriptors = DESCRIPTORS } = options
  const { writable = false, native = false, labels = null } = options
  if (labels !== null && !native) throw noNative('labels need native calls', 'hostfs({ native: true, labels })')
  if (writable && !onLinux) throw new Error('only a folder of a Linux host can be shared for writing')
  const calls = native ? nativeCalls() : nodeCalls
  const host = writable ? new WritableHostDir(path, descriptors, calls) : new HostDir(path, descriptors, calls)
  return (machine: Machine): FileSystem => hostType(new HostFs(machine, host, { uid, gid }, operationsOf, labels), type)
}
