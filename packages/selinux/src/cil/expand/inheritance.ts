/** blockinherit and blockabstract: what stands in a block stands again where it is inherited. */
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import { DEEPEST } from '../parse.ts'
import type { Lookup } from '../resolve/lookup.ts'
import type { Scope } from '../resolve/scope.ts'
import { BLOCKS } from '../resolve/spaces.ts'
import { BlockSymbol } from '../resolve/symbols.ts'
import type { Instances } from './instances.ts'
import type { Optionals } from './optionals.ts'

export const expandInheritance = (instances: Instances, lookup: Lookup, optionals: Optionals): void => {
  const { tree, policy } = instances
  /** All are linked before any is copied: a block that comes by inheritance cannot be inherited by its new name. */
  const link = (scope: Scope): void => {
    for (const item of scope.items) {
      if (typeof item === 'number') continue
      if (item.kind === 'inherit') item.source = blockNamed(instances, lookup, optionals, scope,
        item.node)?.scopes[0] ?? null
      else link(item)
    }
  }
  link(policy)
  optionals.drop()

  const whole = new Set<Scope>()
  const path = new Set<Scope>()
  /** Fills what is inherited inside of `scope`, from blocks that are whole themselves. */
  const fill = (scope: Scope, depth: number): void => {
    // What is inherited by what is inherited will lie as deep.
    if (depth > DEEPEST) {
      throw new CilError('too-deep', `more than ${DEEPEST} blocks inside one another, and inherited`,
        tree.place(scope.node))
    }
    for (const item of scope.items) {
      if (typeof item === 'number') continue
      if (item.kind !== 'inherit') {
        fill(item, depth + 1)
        continue
      }
      if (item.source === null || whole.has(item)) continue
      whole.add(item)
      complete(item.source, item, depth + 1)
      instances.copy(item.source, item)
      addInherits(item, whole)
    }
  }
  const complete = (block: Scope, heir: Scope, depth: number): void => {
    if (whole.has(block)) return
    for (let around = heir.parent; around !== null; around = around.parent) {
      if (around === block) throw new CilError('recursive', 'a block inherits itself', tree.place(heir.node))
    }
    if (path.has(block)) throw new CilError('recursive', 'a block inherits itself', tree.place(heir.node))
    path.add(block)
    fill(block, depth)
    path.delete(block)
    whole.add(block)
  }
  fill(policy, 0)
  markAbstract(instances, lookup, optionals)
}

/** Adds every inherit inside of `scope`. */
const addInherits = (scope: Scope, into: Set<Scope>): void => {
  for (const item of scope.items) {
    if (typeof item === 'number') continue
    if (item.kind === 'inherit') into.add(item)
    addInherits(item, into)
  }
}

/** The block that a blockinherit or blockabstract names. */
const blockNamed = (
  { tree }: Instances, lookup: Lookup, optionals: Optionals, scope: Scope, node: number,
): BlockSymbol | null => {
  const atom = tree.child(node, 1)
  const block = lookup.find(scope, BLOCKS, tree.word[atom]!)
  if (block === null) return optionals.missing(scope, atom, 'block')
  if (block instanceof BlockSymbol) return block
  throw new CilError('wrong-kind', `\`${tree.text(atom)}\` is not a block but a ${block.flavor}`, tree.place(atom))
}

const markAbstract = (instances: Instances, lookup: Lookup, optionals: Optionals): void => {
  const blocks: BlockSymbol[] = []
  const find = (scope: Scope): void => {
    for (const item of scope.items) {
      if (typeof item !== 'number') find(item)
      else if (instances.tree.word[item + 1] === W.blockabstract) {
        const block = blockNamed(instances, lookup, optionals, scope, item)
        if (block !== null) blocks.push(block)
      }
    }
  }
  find(instances.policy)
  optionals.drop()
  const mark = (scope: Scope): void => {
    (scope.symbol as BlockSymbol).isAbstract = true
    for (const item of scope.items) if (typeof item !== 'number' && item.kind === 'block') mark(item)
  }
  for (const block of blocks) mark(block.scopes[0]!)
}
