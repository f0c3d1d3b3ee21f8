/** A task of the world of selinux-ops, and what its helpers ask of that world. */
import type { Actor, Calls } from '../c/actor.ts'

export interface SelinuxActor extends Actor {
  /** Calls of process 1, in `kernel_t`. */
  readonly root: Calls
  /** The policy loaded at boot. */
  readonly policy: Uint8Array
  label(path: string, type: string): void
  program(path: string, type: string): void
  /** A regular file with a label of its own. */
  file(path: string, type: string, contents?: string | Uint8Array, mode?: number): void
  /** kernel_t loads again what is loaded. */
  reload(): void
  /** Runs put-off work, after which a task that was killed is dead. */
  settle(): void
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
export const object = (type: string): string => `u:object_r:${type}:s0`
export const domain = (type: string): string => `u:r:${type}:s0`
