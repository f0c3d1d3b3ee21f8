/** Class permissions written out: maps and named sets become masks of classes. */
import type { Effort } from '../effort.ts'
import { CilError } from '../errors.ts'
import type { Tree } from '../parse.ts'
import type { ClassMask, ClassPermissions, ClassPermissionSymbol, ClassSymbol, Permission } from '../resolve/symbols.ts'
import { finishInOrder } from './dependencies.ts'
import type { Made } from './dependencies.ts'

/** Masks a set may come to: sets of sets of sets … stop here. */
const MOST_MASKS = 1 << 16
/** Bits that one takes in a list. */
const MASK = 64

/** What stands for permissions by a name: a set, or an entry of a class map. */
type Named = ClassPermissionSymbol | Permission

const setsOf = (named: Named): readonly ClassPermissions[] => 'sets' in named ? named.sets : named.mapped

const namedIn = (named: Named): readonly Named[] => setsOf(named).flatMap((part): readonly Named[] =>
  'mask' in part ? [] : 'named' in part ? [part.named] : part.permissions)

export class ClassMasks {
  readonly #effort: Effort
  readonly #flat: Made<Named>
  readonly #classesOf = new Map<ClassSymbol, readonly ClassSymbol[]>()

  constructor(tree: Tree, effort: Effort) {
    this.#effort = effort
    this.#flat = {
      isDone: ({ flat }) => flat !== null,
      parts: namedIn,
      finish: (named) => {
        named.flat = this.of(setsOf(named))
        effort.keep(named.flat.length * MASK)
      },
      circle: (named) => {
        throw new CilError('circular', 'permissions that contain themselves',
          tree.place('sets' in named ? named.node : named.owner.node))
      },
    }
  }

  /** In the order of the text; a class may come several times. */
  of(permissions: readonly ClassPermissions[]): readonly ClassMask[] {
    if (permissions.length === 1 && 'mask' in permissions[0]!) return permissions as readonly ClassMask[]
    const masks: ClassMask[] = []
    for (const part of permissions) {
      if ('mask' in part) masks.push(part)
      else if ('named' in part) append(masks, this.named(part.named))
      else for (const entry of part.permissions) append(masks, this.named(entry))
      if (masks.length > MOST_MASKS) {
        throw new CilError('too-many', `permissions come to more than ${MOST_MASKS} masks`, null)
      }
    }
    this.#effort.spend(masks.length)
    return masks
  }

  /** The masks of a named set or an entry of a class map. */
  named(named: Named): readonly ClassMask[] {
    finishInOrder(named, this.#flat)
    return named.flat!
  }

  /**
   * The classes that a class or class map stands for where no permission is named. As in libsepol a class comes as
   * often as the map names it: a validatetrans of the map is then there as often.
   */
  classes(symbol: ClassSymbol): readonly ClassSymbol[] {
    if (symbol.flavor !== 'classmap') return [symbol]
    let classes = this.#classesOf.get(symbol)
    if (classes === undefined) {
      classes = [...symbol.permissions.values()].flatMap((entry) => this.named(entry).map(({ tclass }) => tclass))
      this.#effort.keep(classes.length * MASK)
      this.#classesOf.set(symbol, classes)
    }
    return classes
  }
}

const append = (masks: ClassMask[], more: readonly ClassMask[]): void => {
  for (const mask of more) masks.push(mask)
}
