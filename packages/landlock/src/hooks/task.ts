/** Tracing goes down the tree of domains only; signals and abstract sockets stay inside of a scope. */
import {
  EPERM, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, LANDLOCK_SCOPE_SIGNAL,
} from '@lsmkit/abi'
import type { AuditKind, AuditSources, Cred, File, HookGroup, Sock, Task } from '@lsmkit/core'
import { refuse } from '../denial.ts'
import type { Domain } from '../domain.ts'
import { rightNames } from '../rights.ts'
import { isWithin, scopedBy } from '../scopes.ts'
import { currentDomain } from '../state.ts'
import type { Landlock } from '../state.ts'

const isSameProcess = (a: Task, b: Task): boolean => a.tgid === b.tgid

export const taskHooks = (landlock: Landlock): HookGroup => {
  const { blobs, ctx } = landlock
  /** What others see of a task. */
  const domainOf = ({ real_cred }: Task): Domain | null => blobs.cred(real_cred).domain

  const trace = (tracer: Task, tracee: Task, other: Task): number => {
    const domain = domainOf(tracer)
    if (isWithin(domain, domainOf(tracee))) return 0
    const { depth } = domain!
    return refuse(landlock, { rc: -EPERM, domain: domain!, depth, blockers: 'ptrace', kind: 'task', object: other })
  }

  /** A scope of `client` that does not hold `server`. */
  const leaves = <K extends AuditKind>(
    client: Domain | null, server: Domain | null, scope: number, kind: K, object: AuditSources[K],
  ): number => {
    if (client === null || (client.all.scope & scope) === 0) return 0
    const layer = scopedBy(client, server, scope)
    if (layer === null) return 0
    return refuse(landlock, {
      rc: -EPERM, domain: client, depth: layer.depth, blockers: rightNames('scope', scope), kind, object,
    })
  }

  /** The domain that the socket was opened in. */
  const serverDomain = (sk: Sock): Domain | null => {
    const file = sk.sk_socket?.file ?? null
    return file === null ? null : blobs.cred(file.f_cred).domain
  }
  const reach = (other: Sock): number => {
    const client = currentDomain(landlock)
    if (client === null || landlock.host?.isAbstract(other) !== true) return 0
    return leaves(client, serverDomain(other), LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, 'net', { sk: other })
  }

  /** As `control_current_fowner`: signals to one's own process are never held back. */
  const isWatched = (file: File): boolean => {
    const pid = file.f_owner?.pid ?? 0
    if (pid <= 0) return true
    const owner = landlock.host?.pid_task(pid) ?? null
    return owner === null || !isSameProcess(owner, ctx.current.task)
  }

  const dropOwner = (file: File): void => {
    const state = blobs.file(file)
    state.ownerDomain?.put()
    state.ownerDomain = null
    state.ownerProcess = null
  }

  return {
    ptrace_access_check: (child) => trace(ctx.current.task, child, child),
    ptrace_traceme: (parent) => trace(parent, ctx.current.task, parent),

    unix_stream_connect: (_sock, other) => reach(other),
    unix_may_send({ sk }, { sk: other }) {
      if (sk === null || other === null) return 0
      // whoever was connected to it was asked then
      return currentDomain(landlock) === null || landlock.host?.unix_peer(sk) === other ? 0 : reach(other)
    },

    task_kill(target, _info, _sig, cred: Cred | null) {
      if (cred === null && isSameProcess(target, ctx.current.task)) return 0
      const client = blobs.cred(cred ?? ctx.current.task.cred).domain
      return client === null ? 0 : leaves(client, domainOf(target), LANDLOCK_SCOPE_SIGNAL, 'task', target)
    },

    file_set_fowner(file) {
      dropOwner(file)
      const domain = currentDomain(landlock)
      if (domain === null || (domain.all.scope & LANDLOCK_SCOPE_SIGNAL) === 0 || !isWatched(file)) return
      const state = blobs.file(file)
      state.ownerDomain = domain.get()
      state.ownerProcess = landlock.host?.processOf(ctx.current.task) ?? null
    },
    file_send_sigiotask(target, { file }) {
      const { ownerDomain, ownerProcess } = blobs.file(file)
      if (ownerDomain === null || landlock.host?.processOf(target) === ownerProcess) return 0
      return leaves(ownerDomain, domainOf(target), LANDLOCK_SCOPE_SIGNAL, 'task', target)
    },
    file_free_security: dropOwner,
  }
}
