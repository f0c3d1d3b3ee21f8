/** What execve has loaded into a task, as a program: compiled once for a file that stays as it is. */
import type { Inode, Task } from '@lsmkit/core'
import type { Limits } from './budget.ts'
import type { ExecImage, WasmImage } from '@lsmkit/kernel'
import { compileProgram } from './program.ts'
import type { Program } from './program.ts'

/** The image of a task that has executed something. */
export const imageOf = (task: Task): ExecImage => (task.thread as { image: ExecImage }).image

interface Compiled {
  /** State of the file and limits it was compiled with. */
  readonly key: string
  readonly program: Program
}

/** The last program of each file: a script over many files executes the same few. */
const compiled = new WeakMap<Inode, Compiled>()

/** Throws a ProgramError for a module that does not compile, or is over its limits. */
export const imageProgram = ({ file, bytes }: WasmImage, limits: Limits): Program => {
  const inode = file.f_inode
  const { i_size, i_ctime_sec, i_ctime_nsec, i_mtime_sec, i_mtime_nsec } = inode
  const { memory, loops = false } = limits
  const key = [i_size, i_ctime_sec, i_ctime_nsec, i_mtime_sec, i_mtime_nsec, memory, loops].join(' ')
  const kept = compiled.get(inode)
  if (kept?.key === key) return kept.program
  const program = compileProgram(bytes, limits)
  compiled.set(inode, { key, program })
  return program
}
