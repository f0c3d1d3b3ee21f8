/** Prototypes of called kernel functions, as releases check them that do so before they ask whether one is a kfunc. */
import { EINVAL } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfFuncProto, BtfParam, BtfType } from '../btf/btf-type.ts'
import { kfuncIn } from '../kfuncs/by-release.ts'
import { kindText } from './format.ts'
import { isContextPointer } from './global-args.ts'
import { isScalar, isScalarStruct } from './kfunc-args.ts'
import type { Session } from './session.ts'

const MAX_ARGUMENTS = 12
/** Structs that are passed by value lie in two registers at most. */
const MAX_VALUE_SIZE = 16

const isStruct = ({ kind }: BtfType): boolean => kind === 'struct' || kind === 'union'

/** Bytes of a value that a function takes or gives; 0 for nothing, null for a type that no register carries. */
const valueSize = (type: BtfType): number | null => {
  if (type.kind === 'void') return 0
  if (type.kind === 'ptr') return 8
  return isScalar(type) || isStruct(type) ? (type as { size: number }).size : null
}

/** Whether a call of it can be made at all (`btf_distill_func_proto`). */
const checkModel = (session: Session, btf: Btf, name: string, { params, type }: BtfFuncProto): void => {
  const refuse = (text: string): never => session.refuse(`The function ${name} ${text}`, -EINVAL)
  if (params.length > MAX_ARGUMENTS) refuse(`has ${params.length} arguments. Too many.`)
  const result = btf.resolved(type)
  if (valueSize(result) === null || isStruct(result)) refuse(`return type ${kindText(result)} is unsupported.`)
  for (const [index, param] of params.entries()) {
    if (index === params.length - 1 && param.type === 0) refuse('with variable args is unsupported.')
    const argument = btf.resolved(param.type)
    const size = valueSize(argument)
    if (size === null || size > MAX_VALUE_SIZE) refuse(`arg${index} type ${kindText(argument)} is unsupported.`)
    if (size === 0) refuse('has malformed void argument.')
  }
}

/** Suffixes of names that say what a pointer is for, whatever it points to. */
const NAMED = /__(alloc|refcounted_kptr|iter|str|const_map|map|irq_flag)$/
const ARENA = /__arena(__nullable)?$/
/** Structs that an argument stands for as a whole, with a size behind it or without. */
const handles = new Set([
  'bpf_dynptr', 'bpf_list_head', 'bpf_list_node', 'bpf_rb_root', 'bpf_rb_node', 'bpf_wq', 'bpf_timer', 'bpf_task_work',
  'bpf_res_spin_lock', 'bpf_prog_aux',
])
/** They take a context under another type. */
const takesContext = new Set(['bpf_cast_to_kern_ctx', 'bpf_session_is_return', 'bpf_session_cookie'])

const isSize = (btf: Btf, param: BtfParam | undefined): boolean =>
  param !== undefined && /__szk?$/.test(param.name) && isScalar(btf.resolved(param.type))

const checkPointee = (session: Session, btf: Btf, name: string, params: readonly BtfParam[], index: number): void => {
  const param = params[index]!
  const { type: pointee } = btf.resolved(param.type) as { type: number }
  if (takesContext.has(name) || isContextPointer(session, btf, pointee) || NAMED.test(param.name)) return
  const type = btf.resolved(pointee)
  if (type.kind === 'func_proto' || (type.kind === 'struct' && handles.has(type.name))) return
  if (ARENA.test(param.name)) {
    if (session.arena === null)
      session.refuse(`R${index + 1} arena pointer requires a program with an associated arena`, -EINVAL)
    return
  }
  // types may leave out what only the kernel looks into; a kfunc has a prototype that fits
  if (type.kind === 'fwd' && kfuncIn(session.kernel.release, name) !== undefined) return
  const isSized = isSize(btf, params[index + 1])
  const fits = isScalar(type) || (isSized ? type.kind === 'void' : isStruct(type)) ||
    isScalarStruct(session, btf, type.id)
  if (!fits) session.refuse(`R${index + 1} pointer type ${kindText(type)} ${type.name} must point to ` +
    `${isSized ? 'void, ' : ''}scalar, or struct with scalar`, -EINVAL)
}

/** Refuses a call of the function `id` of the kernel's types that no prototype of a kfunc allows (EINVAL). */
export const checkKfuncPrototype = (session: Session, btf: Btf, id: number): void => {
  const [name, proto] = [btf.name(id), btf.proto(id)]
  if (proto === null) return
  checkModel(session, btf, name, proto)
  for (const [index, param] of proto.params.entries()) {
    if (param.name.endsWith('__ign')) continue
    const type = btf.resolved(param.type)
    if (isScalar(type)) continue
    if (type.kind !== 'ptr') session.refuse(`Unrecognized R${index + 1} type ${kindText(type)}`, -EINVAL)
    checkPointee(session, btf, name, proto.params, index)
  }
}
