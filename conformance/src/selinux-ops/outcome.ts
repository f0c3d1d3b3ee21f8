/** The column `result` of selinux-ops: what the recorder looked at when the task had acted. */
import { AT_SECURE, O_RDONLY, RLIMIT_NOFILE, SIGUSR1 } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { threadOf } from '@lsmkit/kernel'
import type { Calls } from '../c/actor.ts'
import type { OutcomeKind } from '../operations/operation.ts'
import type { Stage } from '../operations/stage.ts'
import type { SelinuxActor } from './actor.ts'

/** The outcome of an operation: the last call's answer, and the recorder's observations afterwards. */
export interface Outcome {
  readonly rc: number
  readonly result?: string
}

/** The task was killed by its own execve. */
export const DIED = 4000

const text = (size: number, bytes: Uint8Array): string =>
  size < 0 ? '?' : new TextDecoder().decode(bytes.subarray(0, size)).replace(/\0$/, '')

/** The context of a file, looked at by `kernel_t`. */
const labelOf = (root: Calls, path: string): string => {
  const value = new Uint8Array(256)
  return text(root.lgetxattr(path, 'security.selinux', value), value)
}

const domainOf = (root: Calls, pid: number): string => {
  const fd = root.openat(-1, `/proc/${pid}/attr/current`, O_RDONLY, 0)
  if (fd < 0) return '?'
  const buf = new Uint8Array(256)
  const size = root.read(fd, buf)
  root.close(fd)
  return text(size, buf)
}

/** What the recorded program is, as its parent reads it. `fd`: one that it inherited. */
const programOf = (root: Calls, task: Task, fd: number | null): string => {
  const { image, sighand } = threadOf(task)
  const secure = new Map(image?.auxv ?? []).get(AT_SECURE) ?? 0
  const ignores = sighand.action[SIGUSR1]?.handler === 'ignore' ? 1 : 0
  const { rlim_cur } = task.signal!.rlim[RLIMIT_NOFILE]!
  const own = `label=${domainOf(root, task.pid)},AT_SECURE=${secure},nofile=${rlim_cur},sigign_usr1=${ignores}`
  if (fd === null) return own
  const buf = new Uint8Array(256)
  const size = root.readlink(`/proc/${task.pid}/fd/${fd}`, buf)
  return `${own},fd=${size < 0 ? '-' : text(size, buf)}`
}

export const outcomeOf = (actor: SelinuxActor,
  stage: Stage<SelinuxActor>, rc: number, tells?: OutcomeKind): Outcome => {
  const { machine } = stage
  const [kind, what = ''] = tells ?? []
  if (kind === 'program') {
    actor.settle()
    if (actor.task.exit_state !== 0) return { rc: -DIED }
  }
  // the answer of a ring is an outcome, an error too
  if (kind === 'cqe') return { rc: Math.min(rc, 0), result: machine.text(machine.addressOf('note')!)! || '-' }
  if (rc < 0 || kind === undefined) return { rc: Math.min(rc, 0) }
  const note = (): string => machine.text(machine.addressOf('note')!)!
  switch (kind) {
    case 'created': return { rc: 0, result: `created=${labelOf(actor.root, what)}` }
    case 'text': return { rc: 0, result: `${what}${note()}` }
    case 'noted': return { rc: 0, result: note() }
    case 'program': return { rc: 0, result: programOf(actor.root, actor.task, what === 'fd' ? stage.get('fd') : null) }
    default: throw new Error(`selinux-ops does not print \`${kind}\``)
  }
}
