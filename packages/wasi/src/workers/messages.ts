/** The messages between the thread of the kernel and a worker. */

/** The first message to a worker, for a program that is a core module. */
export interface WorkerStart {
  readonly kind: 'module'
  readonly module: WebAssembly.Module
  /** Functions that the module imports, in the order of their numbers. */
  readonly imports: readonly (readonly [from: string, name: string])[]
  /** The memory that it imports as `env.memory`; null where it has one of its own. */
  readonly memory: WebAssembly.Memory | null
  /** Names of the exports of a metered module; null for one that is not. */
  readonly meter: Meter | null
  /** Exports that are called one after the other, with their arguments. */
  readonly entries: readonly (readonly [name: string, ...args: number[]])[]
  /** Two words: what is known of the answer, and the answer. */
  readonly state: Int32Array<SharedArrayBuffer>
  readonly port: InstanceType<typeof MessagePort>
}

export interface Meter {
  readonly fuel: string
  readonly refill: string
  readonly quantum: number
}

/** The first message to a worker, for a component: its core modules become instances there. */
export interface ComponentStart {
  readonly kind: 'component'
  readonly modules: readonly WebAssembly.Module[]
  readonly steps: readonly InstanceStep[]
  /** The memory of the `Line`. */
  readonly line: SharedArrayBuffer
  readonly port: InstanceType<typeof MessagePort>
}

export type Start = WorkerStart | ComponentStart

/** One core instance. Its exports get the next numbers, in the order that the engine lists them in. */
export interface InstanceStep {
  /** The place of its module in the list. */
  readonly module: number
  /** `of` is the number of an export, or `~` of the number of a function of the kernel's thread. */
  readonly imports: readonly (readonly [from: string, name: string, of: number])[]
  readonly meter: Meter | null
  /** The export that is its start function; null for an instance that has none. */
  readonly starter: string | null
}

/** Messages from a worker. */
export type WorkerNews =
  /** Before anything of the program's is done. */
  | { readonly kind: 'begun' }
  /** `number`: of the export, where the program is a component. */
  | { readonly kind: 'memory'; readonly memory: WebAssembly.Memory; readonly number: number }
  | { readonly kind: 'call'; readonly index: number; readonly args: readonly (number | bigint)[] }
  /** The kernel's thread has the turn on the line of a component. */
  | { readonly kind: 'turn' }
  | { readonly kind: 'ended'; readonly error: WorkerError | null }

export interface WorkerError {
  readonly kind: 'stack' | 'trap' | 'link' | 'other'
  readonly text: string
}

/** The index of no import: the program has used up what it may compute between two looks. */
export const LOOK = -1
export const WAITING = 0
export const ANSWERED = 1

/** The name of a worker for programs: other workers may load its file, and have messages of their own. */
export const GUEST = 'lsmkit-guest'
