/**
 * Arguments of global functions: described by their BTF and its tags, checked at the call and assumed when the function
 * is verified.
 */
import { EACCES, EINVAL, EOPNOTSUPP, ownValue } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { typesMatch } from './btf-access.ts'
import { constDynptr } from './dynptr.ts'
import { checkDynptrArgument } from './dynptr-args.ts'
import { checkArgumentOffset } from './helper-args.ts'
import { checkMemory } from './helper-memory.ts'
import { notNull } from './nullness.ts'
import { isFromPacket } from './packets.ts'
import { markPrecise } from './precision.ts'
import { Refusal } from './refusal.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, pointer } from './reg.ts'
import {
  DYNPTR_LOCAL, MAYBE_NULL, maybeNull, PTR_TO_ARENA, PTR_TO_BTF_ID, PTR_TO_CTX, PTR_TO_MEM, RCU, SCALAR, TRUSTED,
  typeName,
} from './reg-type.ts'
import type { Session } from './session.ts'
import { isNull, READ, WRITE } from './stack.ts'
import type { ArgumentType } from './subprogram.ts'

/** The struct that a program type's functions take as context. */
const contextNames: Readonly<Record<string, readonly string[]>> = {
  S: ['__sk_buff'], T: ['__sk_buff'], K: ['__sk_buff'], i: ['__sk_buff'], u: ['__sk_buff'], x: ['__sk_buff'],
  6: ['__sk_buff'],
  b: ['__sk_buff'], f: ['__sk_buff'], X: ['xdp_md'], k: ['bpf_sock'], a: ['bpf_sock_addr'], O: ['bpf_sock_ops'],
  m: ['sk_msg_md'],
  P: ['bpf_user_pt_regs_t', 'pt_regs'], e: ['bpf_perf_event_data'], R: ['bpf_raw_tracepoint_args'],
  d: ['bpf_cgroup_dev_ctx'],
  y: ['bpf_sysctl'], o: ['bpf_sockopt'], r: ['sk_reuseport_md'], l: ['bpf_sk_lookup'], N: ['bpf_nf_ctx'],
}

/** Kernel structs that contexts are views of. */
const projections: Readonly<Record<string, string>> = { __sk_buff: 'sk_buff', xdp_md: 'xdp_buff' }

export const isContextPointer = (session: Session, btf: Btf, pointee: number): boolean => {
  const names = ownValue(contextNames, session.letter)
  if (names === undefined) return false
  let id = btf.skipModifiers(pointee)
  for (let depth = 0; depth < 16; depth++) {
    const type = btf.type(id)
    if (type.kind === 'typedef') {
      if (names.includes(type.name) && type.name.endsWith('_t')) return true
      id = btf.skipModifiers(type.type)
      continue
    }
    return type.kind === 'struct' &&
      (names.includes(type.name) || names.some((name) => ownValue(projections, name) === type.name))
  }
  return false
}

/** What a tagged context may be declared as: nothing at all, words, or the program type's struct. */
const mayBeContext = (session: Session, btf: Btf, pointee: number): boolean => {
  const type = btf.resolved(pointee)
  const { letter } = session
  if (type.kind === 'void' || letter === 't' || letter === 'Y') return true
  if ('FBLCUGR'.includes(letter) && type.kind === 'int' && type.size === 8) return true
  if (letter === 'I') return type.kind === 'struct' && type.name.startsWith('bpf_iter__')
  if (letter === 'B' || letter === 'R') return type.name === 'bpf_raw_tracepoint_args'
  if (letter === 'e' && (type.name === 'pt_regs' || type.name === 'user_pt_regs')) return true
  if (letter === 'P')
    return type.name === 'pt_regs' || type.name === 'user_pt_regs' || isContextPointer(session, btf, pointee)
  return ownValue(contextNames, letter)?.includes(type.name) === true
}

const TAG = 'arg:'
const tagNames = new Set(['ctx', 'trusted', 'nonnull', 'nullable', 'arena'])

const tagsOf = (session: Session, btf: Btf, funcId: number, index: number): Set<string> => {
  const tags = new Set<string>()
  if (!session.kernel.features.globalTags) return tags
  for (const { name, component } of btf.tags(funcId)) {
    if (component !== index || !name.startsWith(TAG)) continue
    const tag = name.slice(TAG.length)
    if (!tagNames.has(tag)) session.refuse(`arg#${index} has unsupported set of tags`, -EOPNOTSUPP)
    tags.add(tag)
  }
  return tags
}

const argument = (kind: ArgumentType['kind'], size = 0, nullable = false, btfId = 0): ArgumentType =>
  ({ kind, size, nullable, btfId })

const only = (session: Session, tags: Set<string>, index: number, ...allowed: string[]): void => {
  for (const tag of tags)
    if (!allowed.includes(tag)) session.refuse(`arg#${index} has invalid combination of tags`, -EINVAL)
}

const pointerArgument = (
  session: Session, btf: Btf, pointee: number, tags: Set<string>, index: number,
): ArgumentType => {
  if (tags.has('ctx') || isContextPointer(session, btf, pointee)) {
    only(session, tags, index, 'ctx')
    if (tags.has('ctx') && !mayBeContext(session, btf, pointee))
      session.refuse(`arg#${index} type doesn't match the program's context`, -EINVAL)
    return argument('ctx')
  }
  const target = btf.resolved(pointee)
  if (target.kind === 'struct' && target.name === 'bpf_dynptr' && session.kernel.features.globalTags) {
    only(session, tags, index)
    return argument('dynptr')
  }
  if (tags.has('trusted')) {
    only(session, tags, index, 'trusted', 'nullable')
    const name = target.name.replace(/___.*$/, '')
    const btfId = session.kernelBtf?.find(name, 'struct') ?? 0
    if (btfId === 0) session.refuse(`arg#${index} failed to find kernel BTF type for ${name}`, -EINVAL)
    return argument('btf', 0, tags.has('nullable'), btfId)
  }
  if (tags.has('arena')) {
    only(session, tags, index, 'arena')
    return argument('arena')
  }
  only(session, tags, index, 'nonnull')
  const size = btf.size(pointee)
  if (pointee === 0 || size < 0) {
    session.refuse(
      `arg#${index} reference type('${target.kind.toUpperCase()} ${target.name}') size cannot be determined: -22`,
      -EINVAL)
  }
  return argument('mem', size, !tags.has('nonnull'))
}

/** As `btf_prepare_func_args`. */
export const argumentsOf = (session: Session, subprog: number): readonly ArgumentType[] => {
  const sub = session.subprograms[subprog]!
  if (sub.arguments !== null) return sub.arguments
  const { btf } = session
  const proto = btf === null || sub.typeId === 0 ? null : btf.proto(sub.typeId)
  if (btf === null || proto === null) return session.refuse(`Func#${subprog} has no type information`, -EINVAL)
  if (proto.params.length > 5)
    session.refuse(`Global function ${sub.name}() with ${proto.params.length} > 5 args. Buggy compiler.`, -EINVAL)
  const returned = btf.resolved(proto.type)
  const isVoid = returned.kind === 'void' && session.kernel.features.voidGlobals
  if (isVoid && sub.isExceptionCallback) session.refuse('exception cb cannot return void', -EINVAL)
  if (!isVoid && returned.kind !== 'int' && returned.kind !== 'enum' && returned.kind !== 'enum64')
    session.refuse(`Global function ${sub.name}() doesn't return scalar. Only those are supported.`, -EINVAL)
  sub.arguments = proto.params.map(({ type: typeId }, index) => {
    const tags = tagsOf(session, btf, sub.typeId, index)
    const type = btf.resolved(typeId)
    const takesPointers = session.kernel.features.globalMemory
    if (type.kind === 'ptr' && (takesPointers || isContextPointer(session, btf, type.type)))
      return pointerArgument(session, btf, type.type, tags, index)
    if (tags.size > 0) session.refuse(`arg#${index} has pointer tag, but is not a pointer type`, -EINVAL)
    if (type.kind === 'int' || type.kind === 'enum' || type.kind === 'enum64') return argument('scalar')
    const kind = type.kind.toUpperCase()
    return session.refuse(`Arg#${index} type ${kind} in ${sub.name}() is not supported yet.`, -EINVAL)
  })
  return sub.arguments
}

/** A number that stands for NULL decides what is called with it. */
export const passNull = (session: Session, number: number): void => {
  if (session.kernel.features.nullsPrecise) markPrecise(session, number)
}

/** Memory that may be NULL counts as if it were not: the function tests it. */
export const checkSizedMemory = (session: Session, number: number, size: number): void => {
  const reg = session.frame.regs[number]!
  if (isNull(reg)) return passNull(session, number)
  const { frame } = session
  if (maybeNull(reg.type)) frame.regs[number] = notNull(reg)
  checkMemory(session, number, size, READ, true, null)
  checkMemory(session, number, size, WRITE, true, null)
  frame.regs[number] = reg
}

const placeOf = (session: Session, index: number): string =>
  session.kernel.features.argumentsByRegister ? `R${index + 1}` : `arg#${index}`

const kernelPointers = [PTR_TO_BTF_ID, PTR_TO_BTF_ID | TRUSTED, PTR_TO_BTF_ID | RCU]

/** Whatever is wrong with the memory, the argument is what is invalid. */
const asInvalid = (check: () => void): void => {
  try {
    check()
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(-EINVAL, error.message) : error
  }
}

const checkOne = (session: Session, subprog: number, reg: Reg, type: ArgumentType, index: number): void => {
  const number = index + 1
  switch (type.kind) {
    case 'scalar':
      if (reg.type !== SCALAR) session.refuse(`R${number} is not a scalar`, -EINVAL)
      return
    case 'ctx':
      checkArgumentOffset(session, reg, number, false, false)
      if (reg.type !== PTR_TO_CTX) session.refuse(`${placeOf(session, index)} expects pointer to ctx`, -EINVAL)
      return
    case 'mem':
      checkArgumentOffset(session, reg, number, false, false)
      asInvalid(() => checkSizedMemory(session, number, type.size))
      if (session.kernel.features.packetsFollowed && isFromPacket(reg) && session.subprograms[subprog]!.changesPacket)
        session.refuse(`R${number} is a packet pointer, but func#${subprog} may change packet data`, -EINVAL)
      if (!type.nullable && (maybeNull(reg.type) || (isNull(reg) && session.kernel.features.zeroIsNull)))
        session.refuse(`${placeOf(session, index)} is expected to be non-NULL`, -EINVAL)
      return
    case 'arena':
      if (reg.type !== PTR_TO_ARENA && reg.type !== SCALAR)
        session.refuse(`R${number} is not a pointer to arena or scalar.`, -EINVAL)
      return
    case 'dynptr':
      checkArgumentOffset(session, reg, number, false, true)
      checkDynptrArgument(session, reg, number, { uninit: false, readOnly: true, dynptr: 0 }, 0)
      return
    case 'btf': {
      if (isNull(reg) && type.nullable) return passNull(session, number)
      const compared = type.nullable ? reg.type & ~MAYBE_NULL : reg.type
      if (!kernelPointers.includes(compared)) {
        const expected = kernelPointers.map(typeName).join(', ')
        session.refuse(`R${number} type=${typeName(reg.type)} expected=${expected}`, -EACCES)
      }
      const kernel = session.kernelBtf!
      if (!typesMatch(reg.btf!, reg.btfId, reg.off, kernel, type.btfId, false))
        session.refuse(`R${number} is of type ${reg.btf!.name(reg.btfId)} but ${kernel.name(type.btfId)} is expected`)
      checkArgumentOffset(session, reg, number, false, false)
    }
  }
}

export const checkGlobalArguments = (session: Session, subprog: number): void => {
  const name = session.kernel.features.globalTags ? ` ('${session.subprograms[subprog]!.name}')` : ''
  try {
    for (const [index, type] of argumentsOf(session, subprog).entries())
      checkOne(session, subprog, session.frame.regs[index + 1]!, type, index)
  } catch (error) {
    if (error instanceof Refusal)
      session.say(`Caller passes invalid args into func#${subprog}${name}`)
    throw error
  }
}

/** A register as the function may assume it. */
export const assumedArgument = (session: Session, type: ArgumentType): Reg => {
  switch (type.kind) {
    case 'scalar':
    case 'arena': return ANY_SCALAR
    case 'ctx': return pointer(PTR_TO_CTX)
    case 'dynptr': return constDynptr(DYNPTR_LOCAL, session.newId())
    case 'mem': {
      const reg = pointer(PTR_TO_MEM | (type.nullable ? MAYBE_NULL : 0))
      reg.size = type.size
      if (type.nullable) reg.id = session.newId()
      return reg
    }
    case 'btf': {
      const reg = pointer(PTR_TO_BTF_ID | TRUSTED | (type.nullable ? MAYBE_NULL : 0))
      reg.btf = session.kernelBtf
      reg.btfId = type.btfId
      if (type.nullable) reg.id = session.newId()
      return reg
    }
  }
}
