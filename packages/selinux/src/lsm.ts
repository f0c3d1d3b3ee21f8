/** The LSM record, and its 218 hooks by kind of object. */
import { LSM_ID_SELINUX } from '@lsmkit/abi'
import { bindHooks, defineLsm, LsmkitError } from '@lsmkit/core'
import type { HookTable, Lsm } from '@lsmkit/core'
import {
  aBoolean, aFunction, aString, bytes, checkOptions, either, instanceOf, oneOf, optionsOf,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { besideSelinux, comparePolicy } from './avc/beside.ts'
import type { RefusedBeside } from './avc/beside.ts'
import type { Granted } from './avc/watched-avc.ts'
import { defineBlobs } from './blobs.ts'
import { className, permissionNames } from './class-map.ts'
import { typeIn } from './coverage/use.ts'
import type { TransitionUse, Use } from './coverage/use.ts'
import { attributeHooks } from './hooks/attributes.ts'
import { auditRuleHooks } from './hooks/audit-rules.ts'
import { binderHooks } from './hooks/binder.ts'
import { bpfHooks, bpfTokenHooks } from './hooks/bpf.ts'
import { capabilityHooks } from './hooks/capability.ts'
import { credHooks } from './hooks/cred.ts'
import { execHooks } from './hooks/exec.ts'
import { fileHooks } from './hooks/file.ts'
import { inodeCreateHooks } from './hooks/inode-create.ts'
import { inodeSecurityHooks } from './hooks/inode-security.ts'
import { inodeXattrHooks } from './hooks/inode-xattr.ts'
import { inodeHooks } from './hooks/inode.ts'
import { ipcHooks } from './hooks/ipc.ts'
import { keyHooks } from './hooks/key.ts'
import { mmapHooks } from './hooks/mmap.ts'
import { mountOptionHooks } from './hooks/mount-options.ts'
import { netlinkHooks } from './hooks/netlink.ts'
import { notifyHooks } from './hooks/notify.ts'
import { packetHooks } from './hooks/packet.ts'
import { perfHooks, uringHooks } from './hooks/perf-uring.ts'
import { ptraceHooks } from './hooks/ptrace.ts'
import { sctpHooks } from './hooks/sctp.ts'
import { secidHooks } from './hooks/secid.ts'
import { sockHooks } from './hooks/sock.ts'
import { socketHooks } from './hooks/socket.ts'
import { superblockHooks } from './hooks/superblock.ts'
import { systemHooks } from './hooks/system.ts'
import { taskHooks } from './hooks/task.ts'
import { infinibandHooks, tunHooks } from './hooks/tun-ib.ts'
import { xfrmHooks } from './hooks/xfrm.ts'
import { loadPolicy } from './policy-control.ts'
import { commonClasses } from './release.ts'
import { relabel } from './relabel/relabel.ts'
import type { LabelledKernel, RelabelOptions, RelabelReport } from './relabel/relabel.ts'
import { selinuxfs } from './selinuxfs/selinuxfs.ts'
import { FileContexts, textsRules } from './server/file-contexts/file-contexts.ts'
import type { FileContextsTexts } from './server/file-contexts/file-contexts.ts'
import { SecurityServer } from './server/security-server.ts'
import { WatchedServer } from './server/watched-server.ts'
import type { SecurityServerOptions } from './server/server-types.ts'
import { createState, logError } from './state.ts'
import type { Selinux } from './state.ts'

export interface SelinuxOptions {
  /** A binary policy to start with. Without one everything is allowed until a program writes selinuxfs's `load`. */
  readonly policy?: Uint8Array
  /** Refusals are refusals (`enforcing=1`), unless false: then they are recorded and allowed. */
  readonly enforcing?: boolean
  /** Which label a path has: the text of a file_contexts, several with their companions, or what was read of them. */
  readonly fileContexts?: string | FileContextsTexts | FileContexts
  /** Load only what Linux 6.12 would: policies up to version 33. */
  readonly kernelExact?: '6.12'
  /** Packets over the loopback carry the label of their socket. Off unless true, as without netlabelctl. */
  readonly netlabel?: boolean
  /** Takes the lines that the kernel logs. */
  readonly printk?: (line: string) => void
  /** Called for each different grant, by types: for coverage (`@lsmkit/selinux/coverage`). */
  readonly granted?: (use: Use) => void
  /** Called for each type that something new, or a program that is executed, gets: for coverage too. */
  readonly transitioned?: (use: TransitionUse) => void
}

const rules: OptionRules<SelinuxOptions> = {
  policy: bytes,
  enforcing: aBoolean,
  fileContexts: either(aString, instanceOf(FileContexts), optionsOf(textsRules)),
  kernelExact: oneOf('6.12'),
  netlabel: aBoolean,
  printk: aFunction,
  granted: aFunction,
  transitioned: aFunction,
}

/** SELinux, and the labels of its files. */
export interface SelinuxLsm extends Lsm<'selinux'> {
  /**
   * Labels the files of a kernel that was booted with it, by `fileContexts`: all of them, or those below some paths.
   * Throws LsmkitError without `fileContexts`.
   */
  relabel(kernel: LabelledKernel, options?: RelabelOptions): RelabelReport
  /**
   * Loads a binary policy, or one in the place of that in force, as a write to selinuxfs's `load` does. Throws
   * PolicyError for one that cannot be loaded: the old one stays in force.
   */
  load(policy: Uint8Array): void
  /**
   * Asks a binary policy beside the one in force, in the place of an earlier one: `refused` is called with each
   * decision that the policy in force grants and this one would refuse. No answer changes, and what `refused` throws is
   * dropped. The result ends it. Throws PolicyError for a policy that cannot be loaded, LsmkitError before there is a
   * stack.
   */
  compare(policy: Uint8Array, refused: (refused: RefusedBeside) => void): () => void
}

const contextsOf = (given: SelinuxOptions['fileContexts']): FileContexts | null => {
  if (given === undefined || given instanceof FileContexts) return given ?? null
  return new FileContexts(typeof given === 'string' ? { base: given } : given)
}

/** Contexts as their types; what has no context yet is not told. */
const tellingOf = (server: SecurityServer, granted: (use: Use) => void): Granted =>
  (ssid, tsid, tclass, requested) => {
    const [source, target] = [server.sidToContext(ssid), server.sidToContext(tsid)]
    if (typeof source === 'number' || typeof target === 'number') return
    granted({ source: typeIn(source), target: typeIn(target), tclass: className(tclass),
      permissions: permissionNames(tclass, requested) })
  }

/** Each is about one kind of object, or one subject. */
const groups: readonly HookTable<Selinux>[] = [
  binderHooks, ptraceHooks, capabilityHooks, systemHooks, execHooks, mountOptionHooks, superblockHooks,
  inodeCreateHooks, inodeHooks, inodeXattrHooks, inodeSecurityHooks, notifyHooks, fileHooks, mmapHooks, credHooks,
  taskHooks, ipcHooks, netlinkHooks, attributeHooks, secidHooks, socketHooks, sockHooks, packetHooks, tunHooks,
  sctpHooks, infinibandHooks, xfrmHooks, keyHooks, auditRuleHooks, bpfHooks, perfHooks, uringHooks,
]

/**
 * A fresh SELinux, as the kernel of the stack's profile has it. Throws OptionError, PolicyError for a policy that
 * cannot be loaded, FileContextsError for invalid file contexts.
 */
export const selinux = (options: SelinuxOptions = {}): SelinuxLsm => {
  checkOptions(options, rules, 'selinux')
  const blobs = defineBlobs()
  const { enforcing = true, netlabel = false, printk = () => {}, policy, kernelExact, transitioned } = options
  let state: Selinux | null = null
  const serving: SecurityServerOptions = {
    mode: 'kernel',
    ...(kernelExact === undefined ? {} : { kernelExact }),
    enforcing: () => state?.avc.enforcing ?? enforcing,
    report: (text) => void (state !== null && logError(state, text)),
  }
  const server = transitioned === undefined ? new SecurityServer(serving) : new WatchedServer(serving, transitioned)
  // The profile is known with the stack: until then the classes that every kernel release has must do.
  server.setClassMap(commonClasses)
  if (policy !== undefined) server.load(policy)
  const contexts = contextsOf(options.fileContexts)
  const lsm = defineLsm({
    name: 'selinux',
    abi: '1.0',
    package: '@lsmkit/selinux',
    id: LSM_ID_SELINUX,
    legacyMajor: true,
    exclusive: true,
    enabled: true,
    blobs,
    xattrs: 1,
    hooks: (ctx) => {
      const made = (state = createState(ctx, blobs, server, {
        enforcing, netlabel, printk, granted: options.granted === undefined ? null : tellingOf(server, options.granted),
      }))
      server.setClassMap(made.release.classes, made.release.policyCapabilities)
      const all = made.release.asksBpfTokens ? [...groups, bpfTokenHooks] : groups
      return all.map((group) => bindHooks(made, group))
    },
    pseudoFs: () => [selinuxfs(state!)],
    beside: (given) => besideSelinux(state!, given, kernelExact),
  })
  return Object.freeze({
    ...lsm,
    relabel(kernel: LabelledKernel, how: RelabelOptions = {}): RelabelReport {
      if (contexts === null) {
        const hint = 'selinux({ policy, fileContexts })'
        throw new LsmkitError('no-file-contexts', 'SELinux was made without file contexts', { place: 'relabel', hint })
      }
      return relabel(kernel, contexts, { isValid: (context) => server.contextToSid(context) >= 0, ...how })
    },
    load(given: Uint8Array): void {
      if (state === null) server.load(given)
      else loadPolicy(state, given)
    },
    compare(given: Uint8Array, refused: (refused: RefusedBeside) => void): () => void {
      if (state !== null) return comparePolicy(state, given, refused, kernelExact)
      throw new LsmkitError('no-stack', 'SELinux is in no stack yet', { place: 'compare', hint: 'createStack first' })
    },
  })
}
