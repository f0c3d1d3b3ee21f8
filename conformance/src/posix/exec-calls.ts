/** Programs: execve in a fork of the actor that waits for it, `hold` and `reap`, `install`. */
import {
  AT_FDCWD, AT_SECURE, capToHex, ECHILD, O_CREAT, O_EXCL, O_WRONLY, PFA_NO_NEW_PRIVS, SIGKILL,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { fdTable, threadOf } from '@lsmkit/kernel'
import type { NativeProcess } from '@lsmkit/kernel'
import type { Answer, Replay } from './replay.ts'
import { fromName, toName, toNumber } from './session.ts'
import { reportProgram } from './world.ts'
import type { World } from './world.ts'

const texts = (list: unknown): string[] => (list as string[]).map(toName)

/** What the report program prints. */
const showReport = (world: World, { task, argv, envp }: NativeProcess): unknown => {
  const { cred } = task
  const image = threadOf(task).image
  return {
    argv: argv.map(fromName),
    env: envp.map(fromName),
    uid: [cred.uid, cred.euid, cred.suid],
    gid: [cred.gid, cred.egid, cred.sgid],
    groups: [...cred.group_info.gid],
    capE: capToHex(cred.cap_effective),
    capP: capToHex(cred.cap_permitted),
    capI: capToHex(cred.cap_inheritable),
    nnp: (task.atomic_flags & PFA_NO_NEW_PRIVS) !== 0 ? 1 : 0,
    secure: image?.auxv.find(([tag]) => tag === AT_SECURE)?.[1] ?? 0,
    fds: [...fdTable(task).open()].filter((fd) => fd < 64),
  }
}

const fork = ({ kernel }: World, task: Task): Task => kernel.machine.tasks.find(kernel.sys.fork(task))!

const end = ({ kernel }: World, parent: Task, child: Task): void => {
  kernel.sys.exit_group(child, 0)
  kernel.sys.wait4(parent, kernel.machine.tasks.find(child.pid) === null ? -1 : child.pid, null, 0, null)
}

/** Runs what the exec has loaded; the native program tells the world what it was given. */
const runImage = (world: World, child: Task): void => {
  const image = threadOf(child).image
  if (image?.kind === 'native')
    image.program({ task: child, argv: image.argv, envp: image.envp })
}

const execute = (world: World, task: Task, exec: (child: Task) => number): Answer => {
  const child = fork(world, task)
  world.report = null
  const rc = exec(child)
  if (rc === 0) runImage(world, child)
  const report = world.report as NativeProcess | null
  const seen = report === null ? undefined : showReport(world, report)
  end(world, task, child)
  return rc === 0 ? [rc, seen] : [rc]
}

const hold: Replay = (world, task, [path]) => {
  const child = fork(world, task)
  const name = toName(path as string)
  const rc = world.kernel.sys.execve(child, name, [name, 'hold'], [])
  if (rc !== 0) {
    end(world, task, child)
    return [rc]
  }
  const held = world.held.get(task) ?? []
  world.held.set(task, held)
  held.push(child)
  return [held.length]
}

const reap: Replay = (world, task, [number]) => {
  const held = world.held.get(task) ?? []
  const child = held[toNumber(number) - 1]
  if (child === undefined || child.exit_state !== 0) return [-ECHILD]
  const { sys, machine } = world.kernel
  const pid = machine.tasks.find(child.pid) === null ? -1 : child.pid
  machine.exits.do_group_exit(child, SIGKILL)
  sys.wait4(task, pid, null, 0, null)
  return [0]
}

const install: Replay = (world, task, [path, mode, uid, gid]) => {
  const { sys } = world.kernel
  const name = toName(path as string)
  const fd = sys.openat(task, AT_FDCWD, name, O_WRONLY | O_CREAT | O_EXCL, 0o700)
  if (fd < 0) return [fd]
  sys.write(task, fd, reportProgram(world.header.show_size))
  sys.fchown(task, fd, toNumber(uid), toNumber(gid))
  sys.fchmod(task, fd, toNumber(mode))
  sys.close(task, fd)
  return [0]
}

export const execCalls: Readonly<Record<string, Replay>> = {
  execve: (world, task, [path, argv, envp]) =>
    execute(world, task, (child) => world.kernel.sys.execve(child, toName(path as string), texts(argv), texts(envp))),
  execveat: (world, task, [dfd, path, argv, envp, flags]) =>
    execute(world, task, (child) =>
      world.kernel.sys.execveat(
        child,
        toNumber(dfd),
        toName(path as string),
        texts(argv),
        texts(envp),
        toNumber(flags),
      ),
    ),
  hold,
  reap,
  install,
}
