/** Helpers on maps. */
import { EINVAL, EOPNOTSUPP } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import type { BpfMap } from '../../maps/bpf-map.ts'
import { mapAt, number64, placed, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

/** The key that a register points to. */
const keyOf = (env: HelperEnv, map: BpfMap, key: number): number => placed(env, key, map.keySize)

const valueOf = (env: HelperEnv, map: BpfMap, value: number): number => placed(env, value, map.valueSize)

export const mapHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_map_lookup_elem, 'ii', 'u', (env, at, key) => {
    const map = mapAt(env, at!)
    return map.lookup(keyOf(env, map, key!))
  }],
  [id.BPF_FUNC_map_update_elem, 'iiil', 's', (env, at, key, value, flags, high) => {
    const map = mapAt(env, at!)
    return map.update(keyOf(env, map, key!), valueOf(env, map, value!), number64(flags!, high!))
  }],
  [id.BPF_FUNC_map_delete_elem, 'ii', 's', (env, at, key) => {
    const map = mapAt(env, at!)
    return map.delete(keyOf(env, map, key!))
  }],
  [id.BPF_FUNC_map_push_elem, 'iil', 's', (env, at, value, flags, high) => {
    const map = mapAt(env, at!)
    return map.push(valueOf(env, map, value!), number64(flags!, high!))
  }],
  [id.BPF_FUNC_map_pop_elem, 'ii', 's', (env, at, value) => {
    const map = mapAt(env, at!)
    wanted(env, value!, map.valueSize)
    return map.pop(value! >>> 0)
  }],
  [id.BPF_FUNC_map_peek_elem, 'ii', 's', (env, at, value) => {
    const map = mapAt(env, at!)
    if (map.type !== id.BPF_MAP_TYPE_BLOOM_FILTER) wanted(env, value!, map.valueSize)
    return map.peek(value! >>> 0)
  }],
  [id.BPF_FUNC_map_lookup_percpu_elem, 'iii', 'u', (env, at, key, cpu) => {
    const map = mapAt(env, at!)
    return map.lookupPerCpu(keyOf(env, map, key!), cpu! >>> 0)
  }],
  [id.BPF_FUNC_for_each_map_elem, 'iiil', 's', forEach, true],
]

/** Calls (map, key, value, context) for each element until one answers 1; how many calls there were. */
function forEach(env: HelperEnv, at = 0, callback = 0, context = 0, flags = 0, high = 0): number {
  if (flags !== 0 || high !== 0) return -EINVAL
  const map = mapAt(env, at)
  const { machine } = env
  if (map.keySize === 0) return -EOPNOTSUPP
  const [key, next] = [machine.memory.alloc(map.keySize), machine.memory.alloc(map.keySize)]
  let calls = 0
  try {
    let rc = map.nextKey(0, next)
    while (rc === 0 && calls < map.maxEntries) {
      machine.memory.u8.copyWithin(key, next, next + map.keySize)
      // the element may delete itself: the key after it is found before
      rc = map.nextKey(key, next)
      calls++
      const value = map.peekAt(key)
      if (value !== 0 && machine.callback(callback >>> 0, at, key, value, context) !== 0) break
    }
  } finally {
    machine.memory.free(key, map.keySize)
    machine.memory.free(next, map.keySize)
  }
  return calls
}
