/** Work queues in values of maps: their callback runs soon after, once. */
import { EINVAL } from '@lsmkit/abi'
import type { KfuncLine } from './kfunc-env.ts'

export const wqKfuncs: readonly KfuncLine[] = [
  ['bpf_wq_init', 'iii', 's', ({ asyncs }, at, map, flags) =>
    flags === 0 ? asyncs.init(at! >>> 0, map! >>> 0, 0) : -EINVAL],
  ['bpf_wq_set_callback_impl', 'iii', 's', ({ asyncs }, at, callback, flags) =>
    flags === 0 ? asyncs.setCallback(at! >>> 0, callback! >>> 0) : -EINVAL],
  ['bpf_wq_start', 'ii', 's', ({ asyncs }, at, flags) => (flags === 0 ? asyncs.startWork(at! >>> 0) : -EINVAL)],
]
