/** SELinux's part of the tour's machine: a policy, compiled from `policy/` or given, and the labels of files. */
import { readFileSync } from 'node:fs'
import { AT_FDCWD, errnoName } from '@lsmkit/abi'
import type { Kernel } from '@lsmkit/kernel'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { relabel } from '@lsmkit/selinux/relabel'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { FileContexts } from '@lsmkit/selinux/server'

export interface SelinuxPolicy {
  /** As the kernel loads it. */
  readonly binary: Uint8Array
  /** Which label a path has; null: files keep what the policy's rules give them. */
  readonly labels: FileContexts | null
  /** The same as a text of file_contexts, of the tour's own policy. */
  readonly fileContexts?: string
  /** Not the tour's own. */
  readonly foreign: boolean
}

/** Newest version that Linux 6.12 loads. */
const VERSION = 33

/** Ours: what makes scripts and C programs guests. */
const ownPolicy = (): SelinuxPolicy => {
  const source = (name: string) => ({ name, text: readFileSync(new URL(`../policy/${name}`, import.meta.url)) })
  const classes = { name: 'classes.cil', text: kernelClassesCil() }
  const { policy, fileContexts } = compileCil([classes, source('base.cil'), source('guest.cil')], { version: VERSION })
  return { binary: writePolicy(policy), labels: new FileContexts({ base: fileContexts }), fileContexts, foreign: false }
}

let own: SelinuxPolicy | null = null

/** The policy of `binary` and its labels, or ours; that is compiled once. */
export const selinuxPolicy = (binary?: Uint8Array, labels: FileContexts | null = null): SelinuxPolicy =>
  binary === undefined ? (own ??= ownPolicy()) : { binary, labels, foreign: true }

/** As restorecon -F. Does nothing on a machine without SELinux. */
export const labelForSelinux = (kernel: Kernel, labels: FileContexts | null): void => {
  const { sys, init } = kernel
  if (labels === null || sys.faccessat(init, AT_FDCWD, '/sys/fs/selinux/enforce', 0) < 0) return
  for (const { path, rc } of relabel(kernel, labels, { force: true }).failed) {
    throw new Error(`SELinux cannot be set up: ${path}: ${errnoName(rc)}`)
  }
}
