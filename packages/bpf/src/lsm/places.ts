/** Where a program goes on this kernel: a hook, a tracepoint, the function of a system call, an iterator. */
import * as abi from '@lsmkit/abi'
import { functionDefs, tracepointDefs } from '@lsmkit/core'
import type { FunctionName, HookMapOf, Profile, Stack, TracepointName } from '@lsmkit/core'
import type { ProgramSpec } from '../object/bpf-object.ts'
import { frameworkNames } from '../vmlinux/framework-names.ts'
import { iteratorParams, syscallOf } from '../vmlinux/functions.ts'

/** A hook of any kernel release. */
export type AnyHook = keyof HookMapOf<Profile>

/** `params`: the arguments as in C. */
export type Place =
  | { readonly kind: 'hook'; readonly hook: AnyHook; readonly params: string }
  | { readonly kind: 'tracepoint'; readonly name: TracepointName; readonly params: string }
  | { readonly kind: 'syscall'; readonly name: string; readonly params: string }
  | { readonly kind: 'function'; readonly name: FunctionName; readonly params: string; readonly ret: string }
  | { readonly kind: 'iterator'; readonly name: string; readonly params: string }

type Attached = Pick<ProgramSpec, 'type' | 'attachTo' | 'expectedAttachType'>

const tracingAttachTypes: ReadonlySet<number> = new Set(
  [abi.BPF_TRACE_FENTRY, abi.BPF_TRACE_FEXIT, abi.BPF_MODIFY_RETURN])
const rawTracepoints: ReadonlySet<number> = new Set(
  [abi.BPF_PROG_TYPE_RAW_TRACEPOINT, abi.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE])

/** `hooks`: those of the stack. Null: nothing here comes by there. */
export const placeOf = (
  { type, attachTo, expectedAttachType: attach }: Attached, hooks: Stack['hooks'],
): Place | null => {
  const target = attachTo ?? ''
  if (rawTracepoints.has(type)) return tracepointPlace(target)
  if (type === abi.BPF_PROG_TYPE_TRACING) {
    if (attach === abi.BPF_TRACE_RAW_TP) return tracepointPlace(target)
    if (attach === abi.BPF_TRACE_ITER) return iteratorPlace(target)
    if (!tracingAttachTypes.has(attach)) return null
    const name = syscallOf(target)
    if (name !== null) return { kind: 'syscall', name, params: 'const struct pt_regs *regs' }
    if (Object.hasOwn(functionDefs, target) && attach !== abi.BPF_MODIFY_RETURN) {
      return { kind: 'function', name: target as FunctionName, ...functionDefs[target as FunctionName] }
    }
  } else if (type !== abi.BPF_PROG_TYPE_LSM) return null
  const hook = hookNameOf(target, hooks)
  return hook === null ? null : { kind: 'hook', hook, params: hooks[hook]!.params }
}

const tracepointPlace = (name: string): Place | null =>
  Object.hasOwn(tracepointDefs, name)
    ? { kind: 'tracepoint', name: name as TracepointName, params: tracepointDefs[name as TracepointName] }
    : null

const iteratorPlace = (name: string): Place | null =>
  Object.hasOwn(iteratorParams, name)
    ? { kind: 'iterator', name, params: `struct bpf_iter_meta *meta, ${iteratorParams[name]}` }
    : null

/** The hook of `file_open`, `bpf_lsm_file_open` and `security_file_open`. */
const hookNameOf = (target: string, hooks: Stack['hooks']): AnyHook | null => {
  const name = target.replace(/^(?:bpf_lsm_|security_)/, '')
  const byFunction = target.startsWith('security_') ? frameworkNames.get(name) : undefined
  const hook = byFunction ?? name
  return Object.hasOwn(hooks, hook) ? (hook as AnyHook) : null
}

const kinds: ReadonlyMap<number, string> = new Map([
  [abi.BPF_TRACE_RAW_TP, 'tracepoint'], [abi.BPF_TRACE_ITER, 'iterator'],
])

/** The kind of a target that a program names and that is not here. */
export const kindOfTarget = ({ type, expectedAttachType }: Attached): string =>
  rawTracepoints.has(type) ? 'tracepoint' : kinds.get(expectedAttachType) ?? 'function'
