/** The calls of a shell to the thread of the kernel, which may be its own: processes, and files of each. */
import type { AskFile } from './file-calls.ts'

/** A child that has executed a program. */
export interface Spawned {
  readonly pid: number
  readonly uid: number
  readonly gid: number
  /** The command of just-bash that it is, by the name of its file; null for a program of another kind. */
  readonly program: string | null
  readonly argv: readonly string[]
  /** Programs in its /bin that just-bash does not have, where it may start any. */
  readonly others: readonly string[]
}

/** Why there is no child: what a shell exits with, and what it says. */
export interface NotSpawned {
  readonly status: number
  readonly why: string
}

export type Env = Readonly<Record<string, string>>

export interface ProgramInput {
  readonly stdin: Uint8Array
  readonly env: Env
  readonly cwd: string
  readonly signal: AbortSignal | undefined
}
export interface ProgramOutput {
  readonly status: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** A request of HTTP as data. */
export interface FetchRequest {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array | null
  /** How many redirects are followed. */
  readonly redirects: number
  /** Milliseconds. */
  readonly timeout: number
  /** The most bytes of an answer. */
  readonly largest: number
}
export interface FetchAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
  readonly url: string
}

type Awaitable<T> = T | Promise<T>

export interface ShellCalls {
  /** A child of the process `parent` that executes `argv`. */
  spawn(parent: number, argv: readonly string[], env: Env, cwd: string): Awaitable<Spawned | NotSpawned>
  /** Its status at the end: `status`, or 128 plus the signal that ended it. */
  end(pid: number, status: number): Awaitable<number>
  /** Operations on files, made by that process. */
  filesOf(pid: number): AskFile
  /** Makes a request of HTTP for that process; null where nobody can. */
  readonly fetch: ((pid: number, request: FetchRequest) => Awaitable<FetchAnswer>) | null
  /** Runs what the process has executed, which is not a command of just-bash; null where nobody can. */
  readonly run: ((pid: number, input: ProgramInput) => Promise<ProgramOutput>) | null
}
