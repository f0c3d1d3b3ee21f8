/**
 * `child_process.spawn` for one task. The program is a file of the kernel's tree, a folder of the host as a rule. It is
 * opened once: execve is asked for that descriptor, and what is spawned is a copy of what it holds, so that no name is
 * looked up again. The process itself is the host's: nothing that it does is asked about.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { AT_EMPTY_PATH, EACCES, ENOEXEC, O_RDONLY } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { hostFormat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { answered, FileError, TaskFiles } from '@lsmkit/kernel/files'
import { commandOf, spawnOptions } from './spawn-options.ts'
import type { GuardedSpawnOptions } from './spawn-options.ts'

/** How programs of Linux, macOS and Windows begin: the kernel loads them as far as asking goes. */
const MAGICS = [[0x7f, 0x45, 0x4c, 0x46], [0xcf, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe], [0x4d, 0x5a]]
const isProgram = (start: Uint8Array): boolean =>
  MAGICS.some((magic) => magic.every((byte, i) => start[i] === byte))

const known = new WeakSet<Kernel['machine']>()
const addFormat = ({ machine }: Kernel): void => {
  if (known.has(machine)) return
  known.add(machine)
  machine.exec.registerBinfmt(hostFormat(machine, 'host', isProgram, () => 0))
}

interface Asked {
  readonly path: string
  readonly argv: readonly string[]
  readonly envp: readonly string[]
}

/** Asks as a child does that executes `fd`; nothing of it is left. Throws FileError for any answer but yes. */
const mayExecute = ({ sys, machine }: Kernel, task: Task, fd: number, { path, argv, envp }: Asked): void => {
  const pid = answered(sys.fork(task), 'spawn', path)
  const child = machine.tasks.findByVpid(pid) as Task
  const rc = sys.execveat(child, fd, '', argv, envp, AT_EMPTY_PATH)
  sys.exit_group(child, 0)
  sys.wait4(task, pid, ref(0), 0, null)
  if (rc !== 0) throw new FileError(rc < 0 ? rc : -EACCES, 'spawn', path)
}

export type Spawn = (path: string, args?: readonly string[], options?: GuardedSpawnOptions) => ChildProcess

const variables = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))

/** The program's bytes. Throws FileError for what is no program, or may not be executed. */
const askedBytes = (kernel: Kernel, task: Task, asked: Asked): Uint8Array => {
  const files = new TaskFiles(kernel, task)
  const { path } = asked
  const fd = files.open(path, O_RDONLY)
  try {
    const contents = files.readAll(fd, path)
    // the host would look up the interpreter of a script by its name
    if (!isProgram(contents)) throw new FileError(-ENOEXEC, 'spawn', path)
    mayExecute(kernel, task, fd, asked)
    return contents
  } finally {
    files.close(fd)
  }
}

/**
 * Throws FileError for a program that is refused; a script is ENOEXEC: name its interpreter. Throws OptionError for
 * options that nobody can be asked about, such as `shell` and `uid`.
 */
export const guardedSpawn = (kernel: Kernel, task: Task): Spawn => (givenPath, givenArgs = [], given = {}) => {
  const { path, args } = commandOf(givenPath, givenArgs)
  const options = spawnOptions(given)
  const { argv0 = path, env = {} } = options
  addFormat(kernel)
  const contents = askedBytes(kernel, task, { path, argv: [argv0, ...args], envp: variables(env) })
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-'))
  const copy = join(folder, basename(path))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    writeFileSync(copy, contents, { mode: 0o500 })
    const child = spawn(copy, args, { ...options, argv0 } as SpawnOptions)
    child.once('exit', remove)
    child.once('error', remove)
    return child
  } catch (error) {
    remove()
    throw error
  }
}
