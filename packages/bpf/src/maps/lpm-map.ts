/** LPM_TRIE: the value of the longest prefix that a key begins with. */
import { BPF_EXIST, BPF_NOEXIST, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap, isUpdateFlag, roundUp8 } from './bpf-map.ts'
import { copyBytes } from './copy.ts'
import type { MapSpace } from './map-space.ts'

/** A prefix of `length` bits; `value` is 0 for a node that only joins two others. */
interface Node {
  length: number
  readonly bits: Uint8Array
  value: number
  readonly children: [Node | null, Node | null]
}

/** LPM_TRIE. */
export class LpmMap extends BpfMap {
  #root: Node | null = null
  #count = 0
  readonly #dataSize: number
  readonly #maxLength: number

  /** A key is a u32 of bits that count and the bits, most significant first. */
  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space)
    this.#dataSize = spec.keySize - 4
    this.#maxLength = this.#dataSize * 8
  }

  override lookup(key: number): number {
    const wanted = this.#read(key)
    if (!wanted) return 0
    let found = 0
    for (let node = this.#root; node; node = node.children[bitAt(wanted.bits, node.length)]) {
      if (matchLength(node, wanted) < node.length) break
      if (node.value !== 0) found = node.value
      if (node.length >= wanted.length || node.length === this.#maxLength) break
    }
    return found
  }

  override update(key: number, value: number, flags: number): number {
    if (!isUpdateFlag(flags)) return -EINVAL
    const wanted = this.#read(key)
    if (!wanted) return -EINVAL
    const { parent, node, common } = this.#descend(wanted)
    if (node && common === node.length && node.length === wanted.length && node.value !== 0) {
      if (flags & BPF_NOEXIST) return -EEXIST
      copyBytes(this.memory, node.value, value, this.valueSize)
      return 0
    }
    if (flags & BPF_EXIST) return -ENOENT
    if (this.#count >= this.maxEntries) return -ENOSPC
    const at = this.tryTake(roundUp8(this.valueSize), 'data')
    if (at < 0) return -ENOMEM
    copyBytes(this.memory, at, value, this.valueSize)
    this.#insert(wanted, at, parent, node, common)
    this.#count++
    return 0
  }

  override delete(key: number): number {
    const wanted = this.#read(key)
    if (!wanted) return -EINVAL
    const { parent, node, common, grandparent } = this.#descend(wanted)
    if (!node || node.value === 0 || common !== node.length || node.length !== wanted.length) return -ENOENT
    this.give(node.value, roundUp8(this.valueSize))
    node.value = 0
    this.#count--
    const only = node.children[0] && node.children[1] ? node : node.children[0] ?? node.children[1]
    if (only === node) return 0
    this.#replace(parent, node, only)
    // a joining node with one child is of no use any more
    if (parent && parent.value === 0 && (parent.children[0] === null || parent.children[1] === null)) {
      this.#replace(grandparent, parent, parent.children[0] ?? parent.children[1])
    }
    return 0
  }

  /** More specific prefixes come before those that contain them, as in the kernel. */
  override nextKey(key: number, next: number): number {
    const keys = [...postOrder(this.#root)]
    let index = 0
    const before = key === 0 ? null : this.#read(key)
    if (before) {
      const at = keys.findIndex((node) => node.length === before.length && matchLength(node, before) === node.length)
      if (at >= 0) index = at + 1
    }
    const node = keys[index]
    if (!node) return -ENOENT
    this.memory.view.setUint32(next, node.length, true)
    this.memory.u8.set(node.bits, next + 4)
    return 0
  }

  override get count(): number {
    return this.#count
  }

  override free(): void {
    for (const node of postOrder(this.#root)) this.give(node.value, roundUp8(this.valueSize))
    this.#root = null
    super.free()
  }

  #read(key: number): Node | null {
    const length = this.memory.view.getUint32(key, true)
    if (length > this.#maxLength) return null
    const bits = this.memory.u8.slice(key + 4, key + 4 + this.#dataSize)
    return { length, bits, value: 0, children: [null, null] }
  }

  /** Down to the node where the prefix is or would hang. */
  #descend(wanted: Node) {
    let grandparent: Node | null = null
    let parent: Node | null = null
    let node = this.#root
    let common = 0
    while (node) {
      common = matchLength(node, wanted)
      if (common < node.length || node.length >= wanted.length) break
      grandparent = parent
      parent = node
      node = node.children[bitAt(wanted.bits, node.length)]
    }
    return { grandparent, parent, node, common }
  }

  #insert(wanted: Node, value: number, parent: Node | null, node: Node | null, common: number): void {
    if (node && common === node.length && node.length === wanted.length) {
      node.value = value
      return
    }
    const added: Node = { ...wanted, value }
    if (!node) return this.#replace(parent, null, added, wanted)
    if (common === wanted.length) {
      added.children[bitAt(node.bits, wanted.length)] = node
      return this.#replace(parent, node, added)
    }
    const joint: Node = { length: common, bits: wanted.bits, value: 0, children: [null, null] }
    joint.children[bitAt(node.bits, common)] = node
    joint.children[bitAt(wanted.bits, common)] = added
    return this.#replace(parent, node, joint)
  }

  #replace(parent: Node | null, old: Node | null, node: Node | null, place = old): void {
    if (!parent) this.#root = node
    else parent.children[bitAt(place!.bits, parent.length)] = node
  }
}

const bitAt = (bits: Uint8Array, index: number): 0 | 1 =>
  (((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) as 0 | 1

/** Bits that two prefixes have in common. */
const matchLength = (one: Node, other: Node): number => {
  const limit = Math.min(one.length, other.length)
  for (let byte = 0; byte * 8 < limit; byte++) {
    const difference = one.bits[byte]! ^ other.bits[byte]!
    if (difference !== 0) return Math.min(limit, byte * 8 + Math.clz32(difference) - 24)
  }
  return limit
}

function* postOrder(node: Node | null): Generator<Node> {
  if (!node) return
  yield* postOrder(node.children[0])
  yield* postOrder(node.children[1])
  if (node.value !== 0) yield node
}
