/** Class permissions written out: maps and named sets become masks of classes. */
import { CilError } from '../errors.ts'
import type { Tree } from '../parse.ts'
import type { ClassMask, ClassPermissions, ClassPermissionSymbol, ClassSymbol, Permission } from '../resolve/symbols.ts'

/** Masks a set may come to: sets of sets of sets … stop here. */
const MOST_MASKS = 1 << 16

export class ClassMasks {
  private readonly tree: Tree
  private readonly path = new Set<object>()

  constructor(tree: Tree) {
    this.tree = tree
  }

  /** In the order of the text; a class may come several times. */
  of(permissions: readonly ClassPermissions[]): readonly ClassMask[] {
    if (permissions.length === 1 && 'mask' in permissions[0]!) return permissions as readonly ClassMask[]
    const masks: ClassMask[] = []
    for (const part of permissions) {
      if ('mask' in part) masks.push(part)
      else if ('named' in part) append(masks, this.named(part.named))
      else for (const entry of part.permissions) append(masks, this.entry(entry))
      if (masks.length > MOST_MASKS) {
        throw new CilError('too-many', `permissions come to more than ${MOST_MASKS} masks`, null)
      }
    }
    return masks
  }

  named(symbol: ClassPermissionSymbol): readonly ClassMask[] {
    return symbol.flat ??= this.once(symbol, symbol.node, () => this.of(symbol.sets))
  }

  /** What an entry of a class map stands for. */
  entry(permission: Permission): readonly ClassMask[] {
    permission.flat ??= this.once(permission, permission.owner.node, () => this.of(permission.mapped))
    return permission.flat
  }

  /**
   * The classes that a class or class map stands for where no permission is named. As in libsepol a class comes as
   * often as the map names it: a validatetrans of the map is then there as often.
   */
  classes(symbol: ClassSymbol): readonly ClassSymbol[] {
    if (symbol.flavor !== 'classmap') return [symbol]
    return [...symbol.permissions.values()].flatMap((permission) => this.entry(permission).map(({ tclass }) => tclass))
  }

  private once(key: object, node: number, work: () => readonly ClassMask[]): readonly ClassMask[] {
    if (this.path.has(key)) throw new CilError('circular', 'permissions that contain themselves', this.tree.place(node))
    this.path.add(key)
    const masks = work()
    this.path.delete(key)
    return masks
  }
}

const append = (masks: ClassMask[], more: readonly ClassMask[]): void => {
  for (const mask of more) masks.push(mask)
}
