/**
 * From the kernel's numbers of classes and permissions to the policy's, by name (selinux_set_mapping, map_decision).
 */
import type { AvDecision } from './decision.ts'
import type { LoadedPolicy } from './loaded-policy.ts'

/**
 * A class as the asker knows it; its number is its position + 1, its permissions' bits their positions. A number
 * without a class has an empty name.
 */
export interface KernelClass {
  readonly name: string
  readonly perms: readonly string[]
}

interface MappedClass {
  /** The policy's number, 0 of a class it has not. */
  readonly value: number
  /** By the kernel's bit: the policy's mask, 0 of a permission it has not. */
  readonly masks: Int32Array
  /** Kernel and policy have the same bits. */
  readonly isSame: boolean
  readonly isSocket: boolean
}

const ALL = 32

export class ClassMapping {
  readonly #mapped: readonly MappedClass[]
  /** By the policy's class number: is it a socket to the kernel? */
  readonly #sockets = new Set<number>()
  /** Names that the kernel has and the policy has not: a line each. */
  readonly unknown: readonly string[]

  constructor(classes: readonly KernelClass[], policy: LoadedPolicy) {
    const unknown: string[] = []
    this.#mapped = classes.map(({ name, perms }) => {
      const value = policy.classes.get(name) ?? 0
      const isSocket = name.endsWith('socket')
      if (value === 0) {
        if (name !== '') unknown.push(`class ${name}`)
        return { value, masks: new Int32Array(perms.length), isSame: false, isSocket }
      }
      if (isSocket) this.#sockets.add(value)
      const known = policy.names.permissions[value]!
      const masks = new Int32Array(perms.length)
      for (const [at, perm] of perms.entries()) {
        // most policies have them in the kernel's order
        const bit = known[at] === perm ? at : known.indexOf(perm)
        if (bit >= 0) masks[at] = 1 << bit
      }
      for (const [bit, mask] of masks.entries()) if (mask === 0) {
        unknown.push(`permission ${perms[bit]} in class ${name}`)
      }
      return { value, masks, isSame: masks.every((mask, bit) => mask === 1 << bit), isSocket }
    })
    this.unknown = unknown
  }

  /** The policy's number of a kernel's class, 0 of none. */
  value(tclass: number): number {
    return this.#mapped[tclass - 1]?.value ?? 0
  }

  isSocket(tclass: number): boolean {
    return this.#mapped[tclass - 1]?.isSocket ?? false
  }

  isPolicySocket(value: number): boolean {
    return this.#sockets.has(value)
  }

  /** Puts a decision from the policy's bits into the kernel's. */
  translate(tclass: number, allowUnknown: boolean, out: AvDecision): void {
    const mapped = this.#mapped[tclass - 1]
    if (mapped === undefined) return
    const { masks, isSame } = mapped
    const count = masks.length
    const beyond = count >= ALL ? 0 : -1 << count
    if (isSame) {
      out.allowed &= ~beyond
      out.auditallow &= ~beyond
      out.auditdeny |= beyond
      return
    }
    let [allowed, auditallow, auditdeny] = [0, 0, beyond]
    for (let bit = 0; bit < count; bit++) {
      const mask = masks[bit]!
      const own = 1 << bit
      if ((out.allowed & mask) !== 0 || (allowUnknown && mask === 0)) allowed |= own
      if ((out.auditallow & mask) !== 0) auditallow |= own
      if ((out.auditdeny & mask) !== 0 || (!allowUnknown && mask === 0)) auditdeny |= own
    }
    out.allowed = allowed
    out.auditallow = auditallow
    out.auditdeny = auditdeny
  }
}
