/** The messages between the thread of the kernel and a worker. */

/** The first message to a worker. */
export interface WorkerStart {
  readonly module: WebAssembly.Module
  /** Functions that the module imports, in the order of their numbers. */
  readonly imports: readonly (readonly [from: string, name: string])[]
  /** The memory that it imports as `env.memory`; null where it has one of its own. */
  readonly memory: WebAssembly.Memory | null
  /** Names of the exports of a metered module; null for one that is not. */
  readonly meter: { readonly fuel: string; readonly refill: string; readonly quantum: number } | null
  /** Exports that are called one after the other, with their arguments. */
  readonly entries: readonly (readonly [name: string, ...args: number[]])[]
  /** Two words: what is known of the answer, and the answer. */
  readonly state: Int32Array<SharedArrayBuffer>
  readonly port: InstanceType<typeof MessagePort>
}

/** Messages from a worker. */
export type WorkerNews =
  /** Before anything of the program's is done. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'memory'; readonly memory: WebAssembly.Memory }
  | { readonly kind: 'call'; readonly index: number; readonly args: readonly (number | bigint)[] }
  | { readonly kind: 'ended'; readonly error: WorkerError | null }

export interface WorkerError {
  readonly kind: 'stack' | 'trap' | 'other'
  readonly text: string
}

/** The index of no import: the program has used up what it may compute between two looks. */
export const LOOK = -1
export const WAITING = 0
export const ANSWERED = 1

/** The name of a worker for programs: other workers may load its file, and have messages of their own. */
export const GUEST = 'lsmkit-guest'
