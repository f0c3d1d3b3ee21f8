/** Resources as components pass them: their types, the handles that an instance holds, and what JavaScript gets. */
import { ProgramError } from '../errors.ts'
import { isOfKind, KIND } from './kinds.ts'

/** An instance of a component: a space of handles of its own, and whether it may call out at the moment. */
export interface Owner {
  readonly handles: HandleTable
  /** False while memory is made room in, and while an answer is cleaned up. */
  mayLeave: boolean
}

export interface HandleTable {
  /** Its number; 0 when there are too many. */
  put(entry: Handle): number
}

/** A type of resources. Two of them are never the same, however they are declared. */
export class ResourceType {
  /** Null for resources of the host. */
  readonly owner: Owner | null
  /** Destroys what a representation stands for. */
  readonly destroy: ((rep: number) => unknown) | null
  /** Runs that for JavaScript: within the limits of the component. */
  readonly #enter: (step: () => unknown) => void

  constructor(
    owner: Owner | null, destroy: ((rep: number) => unknown) | null = null,
    enter: (step: () => unknown) => void = (step) => void step(),
  ) {
    this.owner = owner
    this.destroy = destroy
    this.#enter = enter
  }

  destroyFromOutside(rep: number): void {
    this.#enter(() => this.destroy?.(rep))
  }
}

/** The type of what host functions hand out by themselves: it fits every type that a component imports. */
export const HOST = new ResourceType(null)

/** Borrowed handles that a call has been given and not dropped yet. */
export class CallScope {
  borrows = 0
}

/** An entry in the table of an instance. */
export class Handle {
  readonly type: ResourceType
  /** A number that its component has chosen, or an object of the host. */
  readonly rep: unknown
  /** Null for a handle that owns its resource. */
  readonly scope: CallScope | null
  /** Calls that have borrowed it and have not ended. */
  lends = 0

  constructor(type: ResourceType, rep: unknown, scope: CallScope | null) {
    this.type = type
    this.rep = rep
    this.scope = scope
  }

  get isOwn(): boolean {
    return this.scope === null
  }

  fits(type: ResourceType): boolean {
    const own = this.type
    if (own === type) return true
    return own.owner === null && type.owner === null && (own === HOST || type === HOST)
  }
}

/**
 * A resource of a component's own, as JavaScript holds it. Given to a function that takes it for good, it cannot be
 * used again; one that is only lent by the component is of no use after the call.
 */
export class ComponentResource {
  static [Symbol.hasInstance](value: unknown): boolean {
    return isOfKind(value, 'resource')
  }

  readonly [KIND] = 'resource'
  readonly type: ResourceType
  #rep: unknown
  #state: 'held' | 'lent' | 'gone'

  constructor(type: ResourceType, rep: unknown, isLent: boolean) {
    this.type = type
    this.#rep = rep
    this.#state = isLent ? 'lent' : 'held'
  }

  /** The representation, for a call that borrows it. Throws `bad-value` when it is gone. */
  look(type: ResourceType): unknown {
    if (this.type !== type) throw new ProgramError('bad-value', 'the resource is of another type')
    if (this.#state === 'gone') throw new ProgramError('bad-value', 'the resource was given away or dropped')
    return this.#rep
  }

  /** The representation, for a call that takes it. Throws `bad-value` when it is gone or only lent. */
  take(type: ResourceType): unknown {
    const rep = this.look(type)
    if (this.#state === 'lent') throw new ProgramError('bad-value', 'the resource is only lent')
    this.#state = 'gone'
    return rep
  }

  /** Destroys the resource. Throws `bad-value` when it is gone or only lent. */
  drop(): void {
    this.type.destroyFromOutside(this.take(this.type) as number)
  }
}
