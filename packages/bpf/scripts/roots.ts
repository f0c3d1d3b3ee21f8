/** Where programs of a kernel get their arguments from: hooks, tracepoints, iterators and functions that are here. */
import { functionNames, hookNames, silentTracepoints, tracepointNames } from '@lsmkit/core'
import { iteratorParams } from '../src/vmlinux/functions.ts'
import type { Roots } from './reach.ts'

export const roots = (): Roots => ({
  functions: [
    ...hookNames.map((name) => `bpf_lsm_${name}`),
    ...Object.keys(iteratorParams).map((name) => `bpf_iter_${name}`),
    ...functionNames,
  ],
  tracepoints: tracepointNames.filter((name) => !silentTracepoints.has(name)),
  silent: [...silentTracepoints],
})
