/** The messages between the thread of a shell and the thread of its kernel. */
import { FileError } from '@lsmkit/kernel/files'
import type { FileMethod } from './file-calls.ts'
import type { InterpreterOptions, Line, ShResult } from './interpreter.ts'
import type { CommandNames } from './program-kinds.ts'
import type { Env, FetchRequest, ProgramOutput, Spawned } from './shell-calls.ts'

/** The name of a shell's thread: other threads may load its file. */
export const SHELL = 'lsmkit-shell'

/** The data that it is started with. */
export interface ShellStart {
  readonly role: typeof SHELL
  readonly options: InterpreterOptions
  /** Calls that the shell waits for: it sleeps until the word is ANSWERED, and then takes the answer from the port. */
  readonly port: InstanceType<typeof MessagePort>
  readonly word: Int32Array<SharedArrayBuffer>
}

export const WAITING = 0
export const ANSWERED = 1

/** A call that the shell waits for. */
export type Call =
  | readonly ['spawn', parent: number, argv: readonly string[], env: Env, cwd: string]
  | readonly ['end', pid: number, status: number]
  | readonly ['fetch', pid: number, request: FetchRequest]
  | readonly ['file', pid: number, method: FileMethod, ...args: readonly unknown[]]

export type Answer = { readonly value: unknown } | { readonly error: ErrorData }

/** Messages to the shell. */
export type ToShell =
  | { readonly kind: 'line'; readonly root: Spawned; readonly line: Line; readonly runs: boolean
    readonly fetches: boolean }
  | { readonly kind: 'ran'; readonly id: number; readonly answer: Answer & { readonly value?: ProgramOutput } }

/** Messages from the shell: programs run while it may do other things. */
export type FromShell =
  | { readonly kind: 'ready'; readonly names: CommandNames }
  | { readonly kind: 'done'; readonly answer: Answer & { readonly value?: ShResult } }
  | {
    readonly kind: 'run'; readonly id: number; readonly pid: number; readonly stdin: Uint8Array; readonly env: Env
    readonly cwd: string
  }
  | { readonly kind: 'stop'; readonly id: number }

interface ErrorData {
  readonly message: string
  readonly code: string | undefined
  readonly errno: number | undefined
  /** Of a refused system call. */
  readonly call: readonly [syscall: string, path: string | undefined, dest: string | undefined] | null
}

export const errorData = (error: unknown): ErrorData => {
  const { message = String(error), code, errno } = (error ?? {}) as { message?: string; code?: string; errno?: number }
  const call = error instanceof FileError ? [error.syscall, error.path, error.dest] as const : null
  return { message, code, errno, call }
}

export const errorOf = ({ message, code, errno, call }: ErrorData): Error => {
  if (call !== null) return new FileError(errno!, ...call)
  return Object.assign(new Error(message), code === undefined ? {} : { code }, errno === undefined ? {} : { errno })
}
