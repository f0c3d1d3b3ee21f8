/** The stack that decides for native programs, and the first task under it. */
import { errnoName, SIGCHLD } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { AuditRecord, Lsm, Task } from '@lsmkit/core'
import { setTaskLabel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel/boot'
import type { ModuleSource } from '@lsmkit/sandbox/policy-parts'
import { NativeError } from '../native-error.ts'
import type { System } from '../sys/system.ts'
import { hostAttributes } from './host-attributes.ts'
import { HostPlaces } from './host-places.ts'
import { addHostPrograms } from './mediate/execution.ts'
import type { Mediation } from './mediator.ts'
import { Mirror } from './mirror.ts'

/** The stack that decides, as data: it goes to the watching thread. */
export interface MediationOptions {
  /** Modules of the stack behind capability, in their order. */
  readonly modules: readonly ModuleSource[]
  /** The label of the program that is started, where a module has labels; else the stack's own choice. */
  readonly label?: string
  /** Files of the host have labels in attributes `user.lsmkit.security.*`. Default: no. */
  readonly attributes?: boolean
}

/** Bytes of a set of signals. */
const SIGSET = 8

type Exports = Readonly<Record<string, unknown>>

const loaded = async ({ module, export: name, options }: ModuleSource, at: number): Promise<Lsm> => {
  const place = `modules[${at}]`
  let exports: Exports
  try {
    exports = await import(module) as Exports
  } catch (cause) {
    throw new NativeError('start-failed', `\`${module}\` cannot be loaded: ${(cause as Error).message}`, {
      place, hint: 'a package that is installed, or the URL of a module', cause,
    })
  }
  const last = module.split('/').at(-1)!.replace(/\.\w+$/, '')
  const make = exports[name ?? last] ?? (name === undefined ? exports.default : undefined)
  if (typeof make !== 'function') {
    const functions = Object.keys(exports).filter((one) => typeof exports[one] === 'function')
    throw new NativeError('start-failed', `\`${module}\` exports no function \`${name ?? last}\``, {
      place, hint: functions.length === 0 ? 'it exports none' : `\`export\` of the module: ${functions.join(', ')}`,
    })
  }
  return (make as (options?: object) => Lsm)(options)
}

/** A child of process 1 with the ids of this process, and no capabilities unless it is root. */
const firstTask = ({ sys, init, machine }: Kernel, uid: number, gid: number, label: string | undefined): Task => {
  const must = (rc: number, what: string): number => {
    if (rc < 0) throw new NativeError('start-failed', `${what}: ${errnoName(rc)}`, { place: 'mediate' })
    return rc
  }
  const pid = must(sys.fork(init), 'the first task')
  const task = machine.as(init, () => machine.tasks.findByVpid(pid)) as Task
  const become = (): void => {
    must(sys.setgroups(task, 0, []), 'setgroups')
    must(sys.setresgid(task, gid, gid, gid), 'setresgid')
    must(sys.setresuid(task, uid, uid, uid), 'setresuid')
  }
  if (label === undefined) become()
  else must(setTaskLabel({ sys, init, machine } as Kernel, task, label, { become }), `label \`${label}\``)
  return task
}

/** Throws NativeError, and the errors of the modules. `onAudit` gets the records of the stack. */
export const openMediation = async (
  system: System, { modules, label, attributes = false }: MediationOptions, onAudit: (record: AuditRecord) => void,
): Promise<Mediation> => {
  const lsms: Lsm[] = []
  for (const [at, source] of modules.entries()) lsms.push(await loaded(source, at))
  const all = [capability(), ...lsms]
  const config = lsms.map(({ name }) => name).join(',')
  const stack = createStack({ lsms: all, config, onAudit })
  const places = new HostPlaces(system)
  const mirror = new Mirror({
    stack, lsms, places, attributesOf: attributes ? hostAttributes(system) : null,
  })
  addHostPrograms(mirror.kernel)
  // nobody waits for the tasks of processes that have ended
  const { sys, init } = mirror.kernel
  sys.rt_sigaction(init, SIGCHLD, { handler: 'ignore', flags: 0, mask: 0n }, null, SIGSET)
  const make = (uid: number, gid: number): Task => firstTask(mirror.kernel, uid, gid, label)
  // a label that cannot be had is an error before anything is started
  const first = make(process.geteuid!(), process.getegid!())
  return { mirror, places, firstTask: (user) => (user === null ? first : make(user.uid, user.gid)) }
}
