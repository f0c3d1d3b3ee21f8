/** For tests: a stack with Yama, and a family of tasks around a shell. */
import { EXIT_DEAD, PTRACE_MODE_ATTACH_REALCREDS, S_IFREG } from '@lsmkit/abi'
import { cap_capable, createStack, defineLsm, noHost } from '@lsmkit/core'
import type { PseudoFile, PseudoIo, Task } from '@lsmkit/core'
import { ask, buildersFor } from '@lsmkit/testkit'
import { yama } from '../src/lsm.ts'
import type { YamaOptions } from '../src/lsm.ts'

/** Capabilities without the rules that @lsmkit/capability has for tracing: what is refused here Yama refuses. */
const capabilities = () =>
  defineLsm({
    name: 'capability',
    abi: '1.0',
    id: 100,
    order: 'first',
    hooks: { capable: (cred, ns, cap) => cap_capable(cred, ns, cap) },
  })

/** Everybody is uid 1000 without capabilities, but root. */
export const aFamily = (options: YamaOptions = {}) => {
  const stack = createStack({ lsms: [capabilities(), yama(options)] })
  const build = buildersFor(stack)
  const init = build.aTask({ pid: 1, uid: 0, comm: 'init' })
  const child = (comm: string, real_parent: Task, more: object = {}) => build.aTask({ comm, real_parent, ...more })
  const shell = child('shell', init)
  const debuggee = child('debuggee', shell)
  const debuggeeThread = build.aTask({ comm: 'worker', threadOf: debuggee })
  const grandchild = child('grandchild', debuggeeThread)
  const debug = child('debug', shell)
  const debugThread = build.aTask({ comm: 'debugthread', threadOf: debug })
  const debugChild = child('debugchild', debug)
  const stranger = child('stranger', init)
  const root = child('root', init, { uid: 0 })
  const ownNs = build.aUserNamespace({ parent: init.cred.user_ns, owner: 1000 })
  const contained = child('contained', init, { user_ns: ownNs, euid: 0 })
  const dead = child('dead', shell, { exit_state: EXIT_DEAD })
  const tasks = {
    init, shell, debuggee, debuggeeThread, grandchild, debug, debugThread, debugChild, stranger, root, contained, dead,
  }
  const all: Task[] = Object.values(tasks)
  stack.host = { ...noHost, find_task_by_vpid: (nr) => all.find(({ pid }) => pid === nr) ?? null }

  /** Runs one question as a task. */
  const as = <T>(task: Task, run: () => T): T => {
    stack.current.task = task
    return run()
  }
  const attach = (tracer: Task, target: Task, mode = PTRACE_MODE_ATTACH_REALCREDS) =>
    as(tracer, () => ask(stack, 'ptrace_access_check', target, mode))
  const traceme = (task: Task, parent: Task) => as(task, () => ask(stack, 'ptrace_traceme', parent))
  const prctl = (task: Task, option: number, arg2: number): number =>
    as(task, () => stack.lsm.task_prctl.ask(option, arg2, 0, 0, 0))

  const file: PseudoFile = stack.pseudoFs.find(({ type }) => type === 'sysctl')!.files()[0]!
  const io = (pos: number): PseudoIo => {
    const opened = build.aFile({ inode: build.anInode({ i_mode: S_IFREG | file.mode }) })
    return { file: opened, pos, answer: null, state: null }
  }
  const write = (task: Task, text: string, pos = 0): number =>
    as(task, () => file.write!(io(pos), Uint8Array.from(text, (char) => char.charCodeAt(0))))
  const scope = (): unknown => file.read!(io(0))

  return { stack, build, ...tasks, as, attach, traceme, prctl, write, scope, file }
}
export type Family = ReturnType<typeof aFamily>

/** Names of the tasks. */
export type Member = {
  [N in keyof Family]: Family[N] extends Task ? N : never
}[keyof Family]
