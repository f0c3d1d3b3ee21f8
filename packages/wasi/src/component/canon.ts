/** The functions that a component makes by the canonical ABI: lifted, lowered, and those about its resources. */
import { ownValue } from '@lsmkit/abi'
import { ProgramError } from '../errors.ts'
import { guardRest } from '../guard.ts'
import type { Import } from '../guard.ts'
import { builtins, STAYING } from './async/builtins.ts'
import { beginLifted, beginOutside, comingFor, loweredAsync, waitingFor } from './async/lower.ts'
import type { Begin } from './async/lower.ts'
import { Task } from './async/task.ts'
import type { Callee } from './callee.ts'
import { callLifted, lowered } from './calls.ts'
import type { CoreFunction, Lifted } from './calls.ts'
import { ending } from './given.ts'
import { release } from './handles.ts'
import { mayWait } from './host/table.ts'
import { asideOf, calleeOf, callable, hostFunction } from './linking.ts'
import type { Func, Placing } from './linking.ts'
import type { Builtin, FuncPart, Part } from './parts.ts'
import { handleOf } from './passing-handles.ts'
import { Handle, ResourceType } from './resources.ts'
import type { DeclaredType } from './scope.ts'
import { Transfer } from './transfer.ts'
import { resourceOf, signatureOf, valueTypeOf } from './value-types.ts'
import type { Signature, ValueType } from './value-types.ts'

const NO_MEMORY = { encoding: 'utf8', memory: null, realloc: null } as const

/** Resolves a type of functions, when it is first asked for. */
export const signatureLater = (type: DeclaredType & { readonly part: FuncPart }): (() => Signature) => {
  let known: Signature | null = null
  return () => (known ??= signatureOf(type))
}

/** A function of ours as an import of core modules. */
const asImport = ({ linking }: Placing, call: Import, waits: boolean): unknown => {
  const { wrap, process } = linking.making
  const guarded = guardRest(process, call)
  const given = wrap(guarded, waits)
  linking.imports.set(given, guarded)
  return given
}

export const lift = (placing: Placing, { func, options, type }: Extract<Part, { kind: 'lift' }>): Lifted => {
  const { linking, instance, scope } = placing
  const { making } = linking
  const declared = scope.declared(type, 'func')
  const core = callable(placing, func)
  const cleanUp = options.postReturn === null ? null : callable(placing, options.postReturn)
  const callee = calleeOf(placing, options)
  const { scheduler } = linking
  return {
    kind: 'lifted', core, entered: making.enter(core, () => instance.mayWait), callee,
    postReturn: cleanUp && ((...answer) => void making.withoutWaiting(() => cleanUp(...answer as []))),
    signature: signatureLater(declared), isAsyncType: declared.part.isAsync, isAsync: options.isAsync,
    callback: options.callback === null ? null
      : making.enter(callable(placing, options.callback), () => instance.mayWait),
    newTask: (lifted) => {
      if (!instance.hasTasks) return (call) => call()
      const task = new Task(lifted, () => {})
      return (call) => linking.scheduler.run(task, call)
    },
    wait: (lifted, args, caller) =>
      waitingFor(scheduler, caller, beginLifted(scheduler, lifted))(args),
    comes: (lifted, args) => comingFor(scheduler, callee, beginLifted(scheduler, lifted), args),
  }
}

/** Whether a call of it may have to wait. */
const waitsFor = (of: Func, placing: Placing): boolean => {
  if (of.kind === 'host') return mayWait(of.name)
  return of.kind === 'given' || of.callee.instance === placing.instance || of.callee.instance.mayWait
}

export const lower = (placing: Placing, { func, options }: Extract<Part, { kind: 'lower' }>): unknown => {
  const { instance, linking, scope } = placing
  const of = scope.get<Func>('func', func)
  const callee = calleeOf(placing, options)
  const begin = beginningOf(placing, of, options.isAsync)
  if (begin !== null) return lowerTask(placing, callee, of, begin, options.isAsync)
  const waits = waitsFor(of, placing)
  instance.mayWait ||= waits
  if (of.kind !== 'host') {
    const call = lowered(callee, of.signature, of.kind === 'given' ? of.call : callLifted.bind(null, of, of.entered))
    return asImport(placing, of.kind === 'given' ? ending(linking.making.process, of.name, call) : call, waits)
  }
  // words of a type that the function does not take, since the component declares its own, are no way to go on
  const call = ending(linking.making.process, `${of.from}.${of.name}`, hostFunction(linking, callee, of))
  return asImport(placing, (...words: readonly unknown[]): unknown => {
    callee.leaves()
    return call(...words) as unknown
  }, waits)
}

/** How a call of it begins that may be answered later, or that does not wait; null for others. */
const beginningOf = ({ linking }: Placing, of: Func, isAsync: boolean): Begin | null => {
  if (of.kind === 'lifted') return isAsync || of.isAsyncType ? beginLifted(linking.scheduler, of) : null
  if (of.kind === 'given' && (of.begin !== null || !isAsync)) return of.begin
  if (!isAsync) return null
  if (of.kind === 'host')
    throw new ProgramError('unsupported-module', 'the component calls WASI 0.2 without waiting')
  return beginOutside(linking.scheduler, linking.making.process, of.name, of.call)
}

/** A call of a function that may answer later, or a call that does not wait for the answer. */
const lowerTask = (
  placing: Placing, callee: Callee, of: Func, begin: Begin, isAsync: boolean,
): unknown => {
  const { instance, linking: { making, scheduler } } = placing
  const { signature } = of
  // code of another component may begin, and wait
  instance.mayWait = true
  const call = isAsync
    ? loweredAsync(callee, signature, begin)
    : lowered(callee, signature, waitingFor(scheduler, callee, begin))
  return asImport(placing, of.kind === 'given' ? ending(making.process, of.name, call) : call, true)
}

/** A function for tasks, streams and futures. */
export const builtinFunction = (placing: Placing, part: Builtin): unknown => {
  const { instance, linking: { scheduler }, scope } = placing
  const callee = calleeOf(placing, part.options)
  const type: FuncPart = {
    kind: 'func', isAsync: true, result: null, params: part.result === null ? [] : [['result', part.result]],
  }
  const waits = !STAYING.has(part.name)
  instance.hasTasks = true
  instance.mayWait ||= waits
  const of = (): ValueType | null => {
    const declared = valueTypeOf(scope.type(part.type ?? 0))
    return 'of' in declared ? declared.of : null
  }
  let known: { readonly of: ValueType | null } | null = null
  const call = ownValue(builtins, part.name)!({
    scheduler, callee, part, signature: signatureLater({ part: type, scope }), of: () => (known ??= { of: of() }).of,
  })
  return asImport(placing, (...words: readonly unknown[]): unknown => {
    if (waits) callee.leaves()
    return call(...words) as unknown
  }, waits)
}

/** A resource of the component's own. A core function destroys it. */
export const resourceType = (placing: Placing, destroy: number | null): ResourceType => {
  const { linking: { making }, instance } = placing
  if (destroy === null) return new ResourceType(instance)
  const core: CoreFunction = callable(placing, destroy)
  return new ResourceType(instance, asideOf(placing, making.enter(core, () => instance.mayWait)), (step) => {
    making.process.enter(step)
  })
}

export const resourceFunction = (placing: Placing, part: Extract<Part, { kind: 'resource' }>): unknown => {
  const type = resourceOf(placing.scope, part.type)
  const callee = calleeOf(placing, NO_MEMORY)
  const transfer = new Transfer(callee)
  const { handles } = callee.instance
  switch (part.act) {
    case 'new': return asImport(placing, (rep: number): number => {
      callee.leaves()
      return handles.put(new Handle(type, rep, null)) || callee.trap('too many resources')
    }, false)
    case 'rep': return asImport(placing, (index: number) => handleOf(transfer, index, type).rep, false)
    case 'drop': {
      const waits = type.owner !== null && type.destroy !== null
      placing.instance.mayWait ||= waits
      return asImport(placing, (index: number): unknown => drop(transfer, index, type), waits)
    }
  }
}

const drop = (transfer: Transfer, index: number, type: ResourceType): unknown => {
  const { callee } = transfer
  callee.leaves()
  const handle = handleOf(transfer, index, type)
  if (handle.lends > 0) return callee.trap(`resource ${index >>> 0} is lent, and cannot be dropped`)
  callee.instance.handles.remove(index)
  if (handle.scope !== null) handle.scope.borrows -= 1
  else if (type.owner === null) release(handle.rep)
  else return type.destroy?.(handle.rep as number)
  return undefined
}
