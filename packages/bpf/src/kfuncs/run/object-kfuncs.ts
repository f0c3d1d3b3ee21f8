/** Objects that programs allocate, and the lists and trees they link them into. */
import { EINVAL } from '@lsmkit/abi'
import { BpfFault, BpfThrow } from '../../vm/fault.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'

const newObject = (env: KfuncEnv, type = 0): number => {
  const size = env.types?.size(type) ?? -1
  if (size <= 0) throw new BpfFault('helper', -1, 'no such type to allocate')
  const address = env.machine.memory.tryAlloc(size)
  if (address !== 0) env.objects.set(address, { size, references: 1 })
  return address
}

const dropObject = (env: KfuncEnv, address = 0): number => {
  const object = env.objects.get(address >>> 0)
  if (object === undefined) throw new BpfFault('helper', -1, 'not an allocated object')
  if (--object.references > 0) return 0
  env.objects.delete(address >>> 0)
  env.machine.memory.free(address >>> 0, object.size)
  return 0
}

/** Nodes by head, first to last; a node is in one of them at most. */
const nodesOf = ({ lists }: KfuncEnv, head: number): number[] => {
  let nodes = lists.get(head)
  if (nodes === undefined) lists.set(head, (nodes = []))
  return nodes
}

const isLinked = ({ lists }: KfuncEnv, node: number): boolean => {
  for (const nodes of lists.values()) if (nodes.includes(node)) return true
  return false
}

const push = (env: KfuncEnv, head: number, node: number, off: number, isFront: boolean): number => {
  if (isLinked(env, node)) {
    dropObject(env, node - off)
    return -EINVAL
  }
  const nodes = nodesOf(env, head)
  if (isFront) nodes.unshift(node)
  else nodes.push(node)
  return 0
}

const addToTree = (env: KfuncEnv, root = 0, node = 0, less = 0, _meta = 0, off = 0): number => {
  if (isLinked(env, node)) {
    dropObject(env, node - off)
    return -EINVAL
  }
  const nodes = nodesOf(env, root)
  const before = nodes.findIndex((other) => (env.machine.callback(less >>> 0, node, other) & 0xff) !== 0)
  nodes.splice(before < 0 ? nodes.length : before, 0, node)
  return 0
}

const removeFromTree = (env: KfuncEnv, root = 0, node = 0): number => {
  const nodes = nodesOf(env, root)
  const at = nodes.indexOf(node)
  if (at < 0) return 0
  nodes.splice(at, 1)
  return node
}

export const objectKfuncs: readonly KfuncLine[] = [
  ['bpf_obj_new_impl', 'li', 'u', (env, type) => newObject(env, type)],
  ['bpf_obj_drop_impl', 'ii', 'v', dropObject],
  ['bpf_percpu_obj_new_impl', 'li', 'u', (env, type) => newObject(env, type)],
  ['bpf_percpu_obj_drop_impl', 'ii', 'v', dropObject],
  ['bpf_refcount_acquire_impl', 'ii', 'u', (env, address) => {
    const object = env.objects.get(address! >>> 0)
    if (object === undefined) return 0
    object.references++
    return address!
  }],
  ['bpf_list_push_front_impl', 'iiil', 's', (env, head, node, _meta, off) => push(env, head!, node!, off!, true)],
  ['bpf_list_push_back_impl', 'iiil', 's', (env, head, node, _meta, off) => push(env, head!, node!, off!, false)],
  ['bpf_list_pop_front', 'i', 'u', (env, head) => nodesOf(env, head!).shift() ?? 0],
  ['bpf_list_pop_back', 'i', 'u', (env, head) => nodesOf(env, head!).pop() ?? 0],
  ['bpf_rbtree_add_impl', 'iiiil', 's', addToTree, true],
  ['bpf_rbtree_remove', 'ii', 'u', removeFromTree],
  ['bpf_rbtree_first', 'i', 'u', (env, root) => nodesOf(env, root!)[0] ?? 0],
  ['bpf_throw', 'l', 'v', (_env, low, high) => {
    throw new BpfThrow(low!, high!)
  }],
]
