/** One AppArmor in one stack: its policy, what it keeps on objects, and who is running. */
import { EBUSY, ENOMEM } from '@lsmkit/abi'
import { init_user_ns_of } from '@lsmkit/core'
import type { Cred, LsmContext, Task } from '@lsmkit/core'
import type { ApparmorBlobs, TaskState } from './blobs.ts'
import { newest } from './domain/label.ts'
import type { Label, LoadedProfile } from './domain/objects.ts'
import type { PolicyStore } from './domain/policy-store.ts'
import type { Secids } from './domain/secids.ts'
import type { CapabilityCache } from './mediate/capability-cache.ts'
import type { Release } from './release.ts'

/** Switches that /sys/module/apparmor/parameters and sysctls show; `mode` and `audit` are the policy's. */
export class Settings {
  lockPolicy = false
  /** Records begin with their type. */
  auditHeader = true
  debug = false
  logSyscall = false
  paranoidLoad = true
  /** Longest path name in bytes. */
  pathMax = 8192
  /** kernel.apparmor_restrict_unprivileged_unconfined: not 0 where it holds. */
  restrictUnprivilegedUnconfined = 0
  /** kernel.unprivileged_userns_apparmor_policy: not 0 where it holds. */
  unprivilegedUsernsPolicy = 1
  /** kernel.apparmor_display_secid_mode: not 0 where labels of numbers have their mode. */
  displaySecidMode = 0
}

export interface Apparmor {
  readonly store: PolicyStore
  readonly settings: Settings
  readonly blobs: ApparmorBlobs
  readonly ctx: LsmContext
  readonly secids: Secids
  /** The label of the kernel's own sockets. */
  readonly kernelLabel: Label
  readonly capabilityCache: CapabilityCache
  /** The kernel release of the stack's profile. */
  readonly release: Release
}

/** As `aa_get_newest_cred_label`. */
export const credLabel = ({ blobs }: Apparmor, cred: Cred): Label => newest(blobs.cred(cred).label)

export const taskLabel = (aa: Apparmor, task: Task): Label => credLabel(aa, task.real_cred)

/** As `__begin_current_label_crit_section`. */
export const currentLabel = (aa: Apparmor): Label => credLabel(aa, aa.ctx.current.task.cred)

export const currentState = ({ blobs, ctx }: Apparmor): TaskState => blobs.task(ctx.current.task)

/** As `aa_clear_task_ctx_trans`. */
export const clearTransition = (state: TaskState): void => {
  state.previous = null
  state.onexec = null
  state.token = 0n
}

/** As `aa_replace_current_label`: 0 or -errno; -EBUSY while the task acts by credentials that are not its own. */
export const replaceCurrent = (aa: Apparmor, label: Label): number => {
  const { host, current: { task } } = aa.ctx
  const old = aa.blobs.cred(task.cred).label
  if (old === label) return 0
  if (task.cred !== task.real_cred) return -EBUSY
  const next = host.prepare_creds()
  if (next === null) return -ENOMEM
  const state = currentState(aa)
  if (state.nnp !== null) state.nnp = newest(state.nnp)
  if (label.unconfined || old.namespace !== label.namespace) clearTransition(state)
  aa.blobs.cred(next).label = label
  return host.commit_creds(next)
}

/**
 * As `begin_current_label_crit_section`: where policy has changed the task takes its new label when its call is over.
 * An exec that is under way still has what was chosen for it.
 */
export const refreshCurrent = (aa: Apparmor): Label => {
  const { label } = aa.blobs.cred(aa.ctx.current.task.cred)
  if (!label.stale) return label
  scheduleReplacement(aa)
  return newest(label)
}

/** As `aa_schedule_stale_label_replacement`; at once where the host has no work for the end of a call. */
const scheduleReplacement = (aa: Apparmor): void => {
  const state = currentState(aa)
  if (state.replacementPending) return
  state.replacementPending = aa.ctx.host.task_work_add?.(() => replaceStale(aa)) === true
  if (!state.replacementPending) replaceStale(aa)
}

const replaceStale = (aa: Apparmor): void => {
  currentState(aa).replacementPending = false
  const { label } = aa.blobs.cred(aa.ctx.current.task.cred)
  if (label.stale) replaceCurrent(aa, newest(label))
}

export const initUserNs = ({ ctx }: Apparmor) => init_user_ns_of(ctx.current.task.cred.user_ns)

/** As `fn_for_each`: every profile is asked, and the last refusal is the answer. */
export const forEachProfile = (label: Label, ask: (profile: LoadedProfile) => number): number => {
  let error = 0
  for (const profile of label.profiles) error = ask(profile) || error
  return error
}

/** As `fn_for_each_confined`. */
export const forEachConfined = (label: Label, ask: (profile: LoadedProfile) => number): number =>
  forEachProfile(label, (profile) => (profile.isUnconfined ? 0 : ask(profile)))

/** As `fn_for_each_in_ns`: profiles of the label's own namespace. */
export const forEachInNamespace = (label: Label, ask: (profile: LoadedProfile) => number): number =>
  forEachProfile(label, (profile) => (profile.namespace === label.namespace ? ask(profile) : 0))

/** PFA_NO_NEW_PRIVS. */
export const noNewPrivs = (task: Task): boolean => (task.atomic_flags & 1) !== 0

/** As COMPLAIN_MODE and KILL_MODE. */
export const isMode = ({ store }: Apparmor, profile: LoadedProfile, mode: LoadedProfile['mode']): boolean =>
  store.mode === mode || profile.mode === mode
