/** The LSM record, and its 120 hooks by kind of object. */
import { LSM_ID_SMACK } from '@lsmkit/abi'
import { bindHooks, defineLsm } from '@lsmkit/core'
import type { HookTable, Lsm } from '@lsmkit/core'
import { aBoolean, aFunction, aString, checkOptions, instanceOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { besideSmack } from './beside.ts'
import { defineBlobs } from './blobs.ts'
import { attributeHooks } from './hooks/attributes.ts'
import { credHooks } from './hooks/cred.ts'
import { execHooks } from './hooks/exec.ts'
import { fileHooks } from './hooks/file.ts'
import { inetHooks } from './hooks/inet.ts'
import { inodeCreateHooks } from './hooks/inode-create.ts'
import { inodeSecurityHooks } from './hooks/inode-security.ts'
import { inodeXattrHooks } from './hooks/inode-xattr.ts'
import { inodeHooks, inodePermission } from './hooks/inode.ts'
import { ipcHooks } from './hooks/ipc.ts'
import { keyHooks } from './hooks/key.ts'
import { mmapHooks } from './hooks/mmap.ts'
import { mountOptionHooks } from './hooks/mount-options.ts'
import { ptraceHooks } from './hooks/ptrace.ts'
import { secidHooks } from './hooks/secid.ts'
import { sigioHooks } from './hooks/signal-io.ts'
import { socketHooks } from './hooks/socket.ts'
import { superblockHooks } from './hooks/superblock.ts'
import { systemHooks } from './hooks/system.ts'
import { taskHooks } from './hooks/task.ts'
import { Policy, policyRules } from './policy.ts'
import type { PolicyOptions } from './policy.ts'
import { loadRules } from './rule-file/load-rules.ts'
import { smackfs } from './smackfs/smackfs.ts'
import { createState } from './state.ts'
import type { Smack } from './state.ts'

export interface SmackOptions extends PolicyOptions {
  /**
   * A policy to start from: rules loaded with the engine, settings. It belongs to this instance; a fresh one unless
   * given.
   */
  readonly policy?: Policy
  /**
   * Rules to begin with, as text: `Browser Downloads rwx`, a line each. Throws SmackError if a line is not a valid
   * rule.
   */
  readonly load?: string
  /** CONFIG_SECURITY_SMACK_APPEND_SIGNALS: a signal needs `a`. Off unless true: it needs `w`. */
  readonly appendSignals?: boolean
  /** CONFIG_SECURITY_SMACK_NETFILTER: packets have marks, and IPv6 ports no labels. Off unless true. */
  readonly netfilter?: boolean
  /** NetLabel's `unlbl accept`, on unless false: packets without a label count as ambient. */
  readonly acceptUnlabeled?: boolean
  /** Whether inodes keep the last grants, so that most checks are a comparison. On unless false; it decides nothing. */
  readonly remembers?: boolean
  /** Takes the lines that the kernel logs: rules on trial, an unconfined label. */
  readonly printk?: (line: string) => void
}

const rules: OptionRules<SmackOptions> = {
  ...policyRules,
  policy: instanceOf(Policy),
  load: aString,
  appendSignals: aBoolean,
  netfilter: aBoolean,
  acceptUnlabeled: aBoolean,
  remembers: aBoolean,
  printk: aFunction,
}

/** Each is about one kind of object, or one subject. */
const groups: readonly HookTable<Smack>[] = [
  ptraceHooks, systemHooks, mountOptionHooks, superblockHooks, execHooks, inodeCreateHooks, inodeHooks, inodeXattrHooks,
  inodeSecurityHooks, fileHooks, mmapHooks, sigioHooks, credHooks, taskHooks, ipcHooks, attributeHooks, secidHooks,
  socketHooks, inetHooks, keyHooks,
]

/** The one that is given, or a fresh one by the options. */
export const policyOf = ({ policy, bringup, maxLabels, maxRules, maxSelfRules, rules: make }: SmackOptions): Policy =>
  policy ?? new Policy({ bringup, maxLabels, maxRules, maxSelfRules, rules: make })

/** A fresh Smack, as Linux 6.12 has it. Throws OptionError, and SmackError for invalid rules. */
export const smack = (options: SmackOptions = {}): Lsm<'smack'> => {
  checkOptions(options, rules, 'smack')
  const policy = policyOf(options)
  if (options.load !== undefined) loadRules(policy, options.load)
  return instanceOfSmack(options, policy, { untrusted: false })
}

/** `seen`: whether there has been an untrusted super block. */
const instanceOfSmack = (options: SmackOptions, policy: Policy, seen: Smack['seen']): Lsm<'smack'> => {
  const blobs = defineBlobs()
  const { netfilter = false, appendSignals = false, acceptUnlabeled = true, remembers = true } = options
  const build = { netfilter, appendSignals, acceptUnlabeled }
  let state: Smack | null = null
  return defineLsm({
    name: 'smack',
    abi: '1.0',
    package: '@lsmkit/smack',
    id: LSM_ID_SMACK,
    legacyMajor: true,
    exclusive: true,
    blobs,
    xattrs: 2,
    taskLabels: { needsPrivilege: true },
    attrFiles: ['current'],
    hooks: (ctx) => {
      const made = (state = createState(ctx, blobs, policy, build, remembers, options.printk ?? (() => {}), seen))
      return [inodePermission(made), ...groups.map((group) => bindHooks(made, group))]
    },
    pseudoFs: () => [smackfs(state!)],
    beside: (given) => besideSmack(policy, given, (other) =>
      instanceOfSmack({ ...options, remembers: false, printk: () => {} }, other, seen)),
  })
}
