/** The interface that drives the model and each strategy. */
import type { HookFn } from '../../src/hooks/hook-types.ts'
import type { GroupName, ModelHook } from './script.ts'

export interface ModelLink {
  detach(): void
}

export interface ModelObserver {
  readonly entry?: HookFn
  readonly exit?: HookFn
}

/** An LSM's function, which is there from the start. */
export interface ModelMember {
  readonly hook: ModelHook
  readonly lsm: string
  readonly position: number
  readonly fn: HookFn
}

export interface System {
  ask(hook: ModelHook): unknown
  attach(hook: ModelHook, fn: HookFn): ModelLink
  group(hook: ModelHook, fn: HookFn, group: GroupName): ModelLink
  observe(hook: ModelHook, observer: ModelObserver, at: 'security' | 'bpf_lsm'): ModelLink
  modify(hook: ModelHook, fn: HookFn): ModelLink
}

export interface Given {
  readonly members: readonly ModelMember[]
  /** Names of LSMs. */
  readonly permissive: readonly string[]
}

/** The notes and inputs of a system while it runs. */
export interface World {
  readonly log: (line: string) => void
  /** Milliseconds. */
  readonly now: () => number
}

export type SystemMaker = (given: Given, world: World) => System

/** Where programs stand: LSMs of a lower position are asked before them. */
export const PLACE = 2
