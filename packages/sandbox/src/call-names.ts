/** The files that a system call was about, by its arguments, as names for people: nothing is decided by them. */
import { AT_FDCWD } from '@lsmkit/abi'
import type { Path, Task } from '@lsmkit/core'
import { decodeName, fdTable } from '@lsmkit/kernel/boot'
import { pathText } from './names/named-places.ts'

const textOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : value instanceof Uint8Array ? decodeName(value) : null

/** Which arguments are a directory (null: the working directory) and a name in it. */
type NameArgument = readonly [directory: number | null, name: number]

/** Calls whose names do not come first, or that have two; what is made comes first. */
const specialArguments: ReadonlyMap<string, readonly NameArgument[]> = new Map([
  ['symlink', [[null, 1]]], ['symlinkat', [[1, 2]]],
  ['link', [[null, 1], [null, 0]]], ['linkat', [[2, 3], [0, 1]]],
  ['rename', [[null, 0], [null, 1]]], ['renameat', [[0, 1], [2, 3]]], ['renameat2', [[0, 1], [2, 3]]],
  ['mount', [[null, 1]]], ['move_mount', [[2, 3]]],
])

/** Absolute names, `.` and `..` still in them; none for calls about no file. */
export const namesOfCall = (task: Task, call: string, args: readonly unknown[]): string[] => {
  const special = specialArguments.get(call)
  const names = special === undefined
    ? [usualName(task, args)]
    : special.map(([dir, name]) => below(dir === null ? cwd(task) : directory(task, args[dir]), textOf(args[name])))
  return names.filter((name) => name !== null)
}

/** A name with the directory it starts from, or a descriptor alone. */
const usualName = (task: Task, [first, second]: readonly unknown[]): string | null => {
  const alone = textOf(first)
  if (alone !== null) return below(cwd(task), alone)
  if (typeof first !== 'number') return null
  const base = directory(task, first)
  const name = textOf(second)
  return typeof second === 'string' && name !== null ? below(base, name) : base
}

const directory = (task: Task, fd: unknown): string | null =>
  fd === AT_FDCWD ? cwd(task) : typeof fd === 'number' ? ofDescriptor(task, fd) : null

const below = (base: string | null, name: string | null): string | null => {
  if (name === null) return null
  if (name.startsWith('/')) return name
  return base === null ? null : `${base}/${name}`
}

const cwd = (task: Task): string | null => {
  const pwd = (task.fs as { pwd?: Path } | null)?.pwd
  return pwd === undefined ? null : pathText(task, pwd)
}

const ofDescriptor = (task: Task, fd: number): string | null => {
  // a task that has ended has none
  const file = fd < 0 || task.files === null ? null : fdTable(task).get(fd)
  return file === null ? null : pathText(task, file.f_path)
}
