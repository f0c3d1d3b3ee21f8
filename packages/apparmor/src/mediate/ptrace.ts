/** Tracing and reading of tasks: the tracer is asked, and the tracee (task.c). */
import { CAP_SYS_PTRACE } from '@lsmkit/abi'
import { checkPerms } from '../audit/check-perms.ts'
import { auditProfile, labelField } from '../audit/record.ts'
import { AA_CLASS_LABEL, AA_CLASS_PTRACE } from '../classes.ts'
import { matchLabel } from '../domain/label-match.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { withModes } from '../domain/perms-math.ts'
import { next } from '../dfa/step.ts'
import { forEachProfile } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { capable } from './capability.ts'

export const AA_PTRACE_TRACE = 2
export const AA_PTRACE_READ = 4
/** From what the tracer does to what the tracee is done to. */
const PTRACE_SHIFT = 2

const words: Readonly<Record<number, string>> = { 2: 'trace', 4: 'read', 8: 'tracedby', 16: 'readby' }

/** As `aa_may_ptrace`: both sides, whatever the first one says. */
export const mayPtrace = (aa: Apparmor, tracer: Label, tracee: Label, request: number): number => {
  const first = forEachProfile(tracer, (profile) => tracerPermission(aa, profile, tracee, request))
  const second = forEachProfile(tracee, (profile) => traceePermission(aa, profile, tracer, request << PTRACE_SHIFT))
  return second || first
}

const mediates = ({ rules }: LoadedProfile): boolean => rules.start[AA_CLASS_PTRACE] !== 0

const traceePermission = (aa: Apparmor, tracee: LoadedProfile, tracer: Label, request: number): number =>
  tracee.isUnconfined || tracer.unconfined || !mediates(tracee) ? 0 : peerPermission(aa, tracee, tracer, request)

/** A profile that is older than the class is asked for the capability. */
const tracerPermission = (aa: Apparmor, tracer: LoadedProfile, tracee: Label, request: number): number => {
  if (tracer.isUnconfined) return 0
  if (mediates(tracer)) return peerPermission(aa, tracer, tracee, request)
  if (tracer.label === tracee) return 0
  const error = capable(aa, aa.ctx.current.task.cred, tracer.label, CAP_SYS_PTRACE, 0)
  return auditProfile(aa, null, tracer, {
    operation: 'ptrace', class: 'ptrace', error, fields: (own) => ` peer=${labelField(own.namespace, tracee)}`,
  })
}

/** As `profile_ptrace_perm`. */
const peerPermission = (aa: Apparmor, profile: LoadedProfile, peer: Label, request: number): number => {
  const { rules } = profile
  const state = rules.dfa === null ? 0 : next(rules.dfa, rules.start[AA_CLASS_LABEL]!, AA_CLASS_PTRACE)
  const question = { profile, rules, state, inside: false, request, perms: (at: number) => rules.perms(at) }
  const perms = withModes(aa.store, profile, matchLabel(question, peer))
  return checkPerms(aa, profile, perms, request, {
    operation: 'ptrace',
    class: 'ptrace',
    fields: ({ namespace }, asked, denied) => ` requested_mask="${words[asked] ?? ''}"` +
      `${denied === 0 ? '' : ` denied_mask="${words[denied] ?? ''}"`} peer=${labelField(namespace, peer)}`,
  })
}
