/** The state of checking one component and those in it. */
import { ProgramError } from '../../errors.ts'
import type { CoreModuleType } from '../core-types.ts'
import type { ComponentParts } from '../parts.ts'
import type { Owner } from '../resources.ts'
import { Handles } from '../handles.ts'
import { Scope } from '../scope.ts'
import type { DeclaredType, Exports } from '../scope.ts'
import { signatureOf } from '../value-types.ts'
import type { Signature } from '../value-types.ts'
import type { FuncType } from './same.ts'
import { validSignature } from './value-rules.ts'

/** Parts, names and types that are looked at: a component may be instantiated within others many times. */
const MOST_STEPS = 1_000_000

export class Checking {
  readonly modules: readonly CoreModuleType[]
  /** Components that have been looked at by themselves. */
  readonly seen = new WeakSet<ComponentParts>()
  readonly #signatures = new WeakMap<DeclaredType, Signature>()
  #steps = 0

  constructor(modules: readonly CoreModuleType[]) {
    this.modules = modules
  }

  step(count: number): void {
    this.#steps += count
    if (this.#steps > MOST_STEPS) throw new ProgramError('unsupported-module', 'the component has too many parts')
  }

  signature(type: FuncType): Signature {
    const known = this.#signatures.get(type) ?? validSignature(() => signatureOf(type))
    this.step(known.parts)
    this.#signatures.set(type, known)
    return known
  }
}

/** One component or instance being checked. */
export class Place {
  readonly checking: Checking
  readonly scope: Scope
  /** Stands for the instance, as the owner of its resources. */
  readonly owner: Owner = { handles: new Handles(), mayLeave: true }
  /** The arguments of its instantiation; null where it is looked at by itself. */
  readonly args: Exports | null

  constructor(checking: Checking, around: Scope | null, args: Exports | null) {
    this.checking = checking
    this.scope = new Scope(around)
    this.args = args
  }
}

/** A component: its parts, or the type that it is declared by. */
export type ComponentType =
  | { readonly parts: ComponentParts; readonly scope: Scope }
  | { readonly type: DeclaredType }
