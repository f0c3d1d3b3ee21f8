/** Tracing goes down the tree of domains only; signals and abstract sockets stay inside of a scope. */
import {
  EPERM, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, LANDLOCK_SCOPE_SIGNAL,
} from '@lsmkit/abi'
import { kernelRules } from '@lsmkit/core'
import type { AuditKind, AuditSources, Cred, File, HookTable, Sock, Task } from '@lsmkit/core'
import { refuse } from '../denial.ts'
import type { Domain } from '../domain.ts'
import { rightNames } from '../rights.ts'
import { isWithin, scopedBy } from '../scopes.ts'
import { currentDomain } from '../state.ts'
import type { Landlock } from '../state.ts'

const isSameProcess = (a: Task, b: Task): boolean => a.tgid === b.tgid

/** What others see of a task. */
const domainOf = (landlock: Landlock, { real_cred }: Task): Domain | null => landlock.blobs.cred(real_cred).domain

const trace = (landlock: Landlock, tracer: Task, tracee: Task, other: Task): number => {
  const domain = domainOf(landlock, tracer)
  if (isWithin(domain, domainOf(landlock, tracee))) return 0
  const { depth } = domain!
  return refuse(landlock, { rc: -EPERM, domain: domain!, depth, blockers: 'ptrace', kind: 'task', object: other })
}

/** A scope of `client` that does not hold `server`. */
const leaves = <K extends AuditKind>(
  landlock: Landlock, client: Domain | null, server: Domain | null, scope: number, kind: K, object: AuditSources[K],
): number => {
  if (client === null || (client.all.scope & scope) === 0) return 0
  const layer = scopedBy(client, server, scope)
  if (layer === null) return 0
  return refuse(landlock, {
    rc: -EPERM, domain: client, depth: layer.depth, blockers: rightNames('scope', scope), kind, object,
    quiet: { of: 'scope', missing: scope, layers: 0 },
  })
}

/** The domain that the socket was opened in. */
const serverDomain = (landlock: Landlock, sk: Sock): Domain | null => {
  const file = sk.sk_socket?.file ?? null
  return file === null ? null : landlock.blobs.cred(file.f_cred).domain
}

const reach = (landlock: Landlock, other: Sock): number => {
  const client = currentDomain(landlock)
  if (client === null || landlock.host?.isAbstract(other) !== true) return 0
  const server = serverDomain(landlock, other)
  return leaves(landlock, client, server, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, 'net', { sk: other })
}

/**
 * As `control_current_fowner`: signals to one's own process are never held back. Each member of a group is asked for
 * when the signal is sent.
 */
const isWatched = (landlock: Landlock, file: File): boolean => {
  const pid = file.f_owner?.pid ?? 0
  if (pid === 0 || (pid < 0 && kernelRules(landlock.ctx.profile).landlockWatchesGroups)) return true
  const owner = landlock.host?.pid_task(pid) ?? null
  return owner === null || !isSameProcess(owner, landlock.ctx.current.task)
}

const dropOwner = (landlock: Landlock, file: File): void => {
  const state = landlock.blobs.file(file)
  state.ownerDomain?.put()
  state.ownerDomain = null
  state.ownerProcess = null
}

export const taskHooks: HookTable<Landlock> = {
  ptrace_access_check: (landlock, child) => trace(landlock, landlock.ctx.current.task, child, child),
  ptrace_traceme: (landlock, parent) => trace(landlock, parent, landlock.ctx.current.task, parent),

  unix_stream_connect: (landlock, _sock, other) => reach(landlock, other),
  unix_may_send(landlock, { sk }, { sk: other }) {
    if (sk === null || other === null) return 0
    // whoever was connected to it was asked then
    return currentDomain(landlock) === null || landlock.host?.unix_peer(sk) === other ? 0 : reach(landlock, other)
  },

  task_kill(landlock, target, _info, _sig, cred: Cred | null) {
    if (cred === null && isSameProcess(target, landlock.ctx.current.task)) return 0
    const client = landlock.blobs.cred(cred ?? landlock.ctx.current.task.cred).domain
    if (client === null) return 0
    return leaves(landlock, client, domainOf(landlock, target), LANDLOCK_SCOPE_SIGNAL, 'task', target)
  },

  file_set_fowner(landlock, file) {
    dropOwner(landlock, file)
    const domain = currentDomain(landlock)
    if (domain === null || (domain.all.scope & LANDLOCK_SCOPE_SIGNAL) === 0 || !isWatched(landlock, file)) return
    const state = landlock.blobs.file(file)
    state.ownerDomain = domain.get()
    state.ownerProcess = landlock.host?.processOf(landlock.ctx.current.task) ?? null
  },
  file_send_sigiotask(landlock, target, { file }) {
    const { ownerDomain, ownerProcess } = landlock.blobs.file(file)
    if (ownerDomain === null || landlock.host?.processOf(target) === ownerProcess) return 0
    return leaves(landlock, ownerDomain, domainOf(landlock, target), LANDLOCK_SCOPE_SIGNAL, 'task', target)
  },
  file_free_security: dropOwner,
}
