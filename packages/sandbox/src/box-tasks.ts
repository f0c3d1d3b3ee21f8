/** The tasks of a box: each is confined by the policy, is a user of the box, and has the label and role it is given. */
import { PF_EXITING, WNOHANG } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { WholeAllow } from './allow.ts'
import { confinedParentOf } from './confinement.ts'
import type { Activity } from './activity.ts'
import type { DenialCollector } from './denial-collector.ts'
import type { TaskChoice } from './inside-box.ts'
import { setLabel } from './label.ts'
import type { NamedPlaces } from './names/named-places.ts'
import type { Users } from './names/users.ts'
import type { Policy } from './policy.ts'
import type { Refusals } from './refusals.ts'
import type { Roles } from './roles.ts'
import { SandboxError } from './sandbox-error.ts'
import { becomeUser, endTask, forked } from './subject.ts'

export interface BoxTasksOf {
  readonly plain: Kernel
  readonly policy: Policy
  readonly allow: WholeAllow | null
  readonly roles: Roles
  readonly users: Users
  readonly places: NamedPlaces
  readonly refusals: Refusals
  readonly denialCollector: DenialCollector
  readonly activity: Activity
}

export class BoxTasks {
  readonly #of: BoxTasksOf
  #confinedParent: Task

  /** `confinedParent` is the task that others without a role are children of. */
  constructor(of: BoxTasksOf, confinedParent: Task) {
    this.#of = of
    this.#confinedParent = confinedParent
  }

  /** A task as a program gets one. Throws SandboxError if it cannot be what `choice` asks for. */
  make(choice: TaskChoice): Task {
    const { plain, policy, roles, users, places, refusals, denialCollector, activity } = this.#of
    activity.assertOpen()
    const { role = null, cwd = '/', executes = false, run = 0 } = choice
    const own = role === null ? {} : roles.of(role)
    const { user = own.user, label = own.label } = choice
    const parent = role === null ? null : roles.parentOf(role, plain, places)
    const task = forked(plain, parent ?? this.#confinedParent)
    refusals.assign(task, run, role)
    try {
      const wanted = label ?? policy.label
      const become = (): void => becomeUser(plain, task, users.idsOf(user ?? policy.user ?? 'guest'))
      if (wanted === undefined || wanted === null) become()
      else setLabel(plain, task, wanted, { executes, become })
      changeDirectory(plain, task, cwd)
    } catch (error) {
      this.end(task)
      throw error
    } finally {
      denialCollector.dropPending()
    }
    return task
  }

  end(task: Task, status = 0): void {
    const { plain: { sys }, denialCollector } = this.#of
    if ((task.flags & PF_EXITING) === 0) sys.exit_group(task, status)
    // the confined parent, unless a later one has taken its place
    sys.wait4(task.real_parent ?? this.#confinedParent, task.pid, ref(0), WNOHANG, null)
    denialCollector.dropPending()
  }

  /** Confines new tasks by the inodes that names have now. Call it when files were replaced: rules lie on inodes. */
  confineAgain(): void {
    const { plain, allow, roles, places, denialCollector } = this.#of
    const old = this.#confinedParent
    this.#confinedParent = confinedParentOf(plain, allow, places)
    endTask(plain, places.holder, old)
    roles.endParents(plain, places)
    denialCollector.dropPending()
  }

  /** Ends the parents, when the box closes. */
  close(): void {
    const { plain, roles, places } = this.#of
    roles.endParents(plain, places)
    plain.sys.exit_group(this.#confinedParent, 0)
  }
}

const changeDirectory = ({ sys }: Kernel, task: Task, cwd: string): void => {
  const rc = sys.chdir(task, cwd)
  if (rc < 0) throw new SandboxError('bad-tree', `\`${cwd}\` cannot be the working directory`, { place: 'cwd' })
}
