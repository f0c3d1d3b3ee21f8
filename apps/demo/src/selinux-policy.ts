/** SELinux's part of the tour's machine: a policy, compiled from `policy/` or given, and the labels of files. */
import { readFileSync } from 'node:fs'
import { AT_FDCWD, errnoName, XATTR_NAME_SELINUX } from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { kernelClassesCil } from '@lsmkit/selinux'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { FileContexts } from '@lsmkit/selinux/server'

export interface SelinuxPolicy {
  /** As the kernel loads it. */
  readonly binary: Uint8Array
  /** Which label a path has; null: files keep what the policy's rules give them. */
  readonly labels: FileContexts | null
}

/** Newest version that Linux 6.12 loads. */
const VERSION = 33

/** Ours: what makes scripts and C programs guests. */
const ownPolicy = (): SelinuxPolicy => {
  const source = (name: string) => ({ name, text: readFileSync(new URL(`../policy/${name}`, import.meta.url)) })
  const classes = { name: 'classes.cil', text: kernelClassesCil() }
  const { policy, fileContexts } = compileCil([classes, source('base.cil'), source('guest.cil')], { version: VERSION })
  return { binary: writePolicy(policy), labels: new FileContexts({ base: fileContexts }) }
}

let own: SelinuxPolicy | null = null

/** The policy of `binary` and `contexts` (a file_contexts), or ours; that is compiled once. */
export const selinuxPolicy = (binary?: Uint8Array, contexts?: string): SelinuxPolicy => {
  if (binary === undefined) return (own ??= ownPolicy())
  return { binary, labels: contexts === undefined ? null : new FileContexts({ base: contexts }) }
}

/** As restorecon. Does nothing on a machine without SELinux, or for a path whose file system has labels of its own. */
export const labelForSelinux = (kernel: Kernel, labels: FileContexts | null, paths: Iterable<string>): void => {
  const { sys, init } = kernel
  if (labels === null || sys.faccessat(init, AT_FDCWD, '/sys/fs/selinux/enforce', 0) < 0) return
  for (const path of paths) {
    const stat = new Kstat()
    must(sys.lstat(init, path, stat), path)
    const context = labels.lookup(path, stat.mode)
    if (context === null) continue
    const rc = sys.lsetxattr(init, path, XATTR_NAME_SELINUX, new TextEncoder().encode(context), 0)
    if (errnoName(rc) !== 'EOPNOTSUPP') must(rc, path)
  }
}

const must = (rc: number, what: string): void => {
  if (rc < 0) throw new Error(`SELinux cannot be set up: ${what}: ${errnoName(rc)}`)
}
