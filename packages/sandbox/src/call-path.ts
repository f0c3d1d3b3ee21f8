/** The file that a system call was about, from its arguments, as text for people: nothing is decided by it. */
import { AT_FDCWD } from '@lsmkit/abi'
import { describeObject, noHost } from '@lsmkit/core'
import type { Path, Task } from '@lsmkit/core'
import { decodeName, fdTable } from '@lsmkit/kernel'
import { normalPath } from './normal-path.ts'

const textOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : value instanceof Uint8Array ? decodeName(value) : null

/** A name with the directory it starts from, or a descriptor alone; null for calls about neither. */
export const pathOfCall = (task: Task, args: readonly unknown[]): string | null => {
  const [first, second] = args
  const alone = textOf(first)
  if (alone !== null) return below(cwd(task), alone)
  if (typeof first !== 'number') return null
  const base = first === AT_FDCWD ? cwd(task) : ofDescriptor(task, first)
  return typeof second === 'string' ? below(base, second) : base
}

const below = (base: string | null, name: string): string | null => {
  if (name.startsWith('/')) return normalPath(name)
  return base === null ? null : normalPath(`${base}/${name}`)
}

const pathText = (task: Task, path: Path): string | null => {
  const described = describeObject('path', path, noHost, task)
  return described !== null && 'path' in described ? described.path : null
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
