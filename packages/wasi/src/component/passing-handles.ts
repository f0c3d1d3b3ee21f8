/** Handles that cross between components, and between a component and JavaScript. */
import { ComponentStream, CopyEnd } from './async/streams.ts'
import { ErrorContext } from './async/waitable.ts'
import { wrong } from './scalars.ts'
import type { ComponentValue } from './scalars.ts'
import { ComponentResource, Handle } from './resources.ts'
import type { ResourceType } from './resources.ts'
import type { Transfer } from './transfer.ts'
import { sameValue } from './validate/same.ts'
import type { ValueType } from './value-types.ts'

export type HandleType = Extract<ValueType, { kind: 'own' | 'borrow' | 'stream' | 'future' | 'error-context' }>

export const isHandle = (type: ValueType): type is HandleType =>
  type.kind === 'own' || type.kind === 'borrow' || type.kind === 'stream' || type.kind === 'future' ||
  type.kind === 'error-context'

type EndType = Extract<ValueType, { kind: 'stream' | 'future' | 'error-context' }>

const isEnd = (type: HandleType): type is EndType => 'of' in type

/** The handle of this number and type; one that is not there ends the component. */
export const handleOf = ({ callee }: Transfer, index: number, type: ResourceType): Handle => {
  const entry = callee.instance.handles.at(index)
  if (!(entry instanceof Handle)) return callee.trap(`no such resource: ${index >>> 0}`)
  return entry.fits(type) ? entry : callee.trap(`resource ${index >>> 0} is of another type`)
}

const lifted = (type: ResourceType, rep: unknown, isLent: boolean): ComponentValue =>
  (type.owner === null ? rep as ComponentValue : new ComponentResource(type, rep, isLent))

/** Looks a number of the component's table up, on its way out. */
export const liftHandle = (transfer: Transfer, type: HandleType, index: number): ComponentValue => {
  const { callee } = transfer
  if (transfer.keepsNumbers) return index
  if (isEnd(type)) return liftEnd(transfer, type, index)
  const handle = handleOf(transfer, index, type.resource)
  if (type.kind === 'borrow') {
    handle.lends += 1
    transfer.lenders.push(handle)
    return lifted(type.resource, handle.rep, true)
  }
  if (handle.lends > 0) return callee.trap(`resource ${index >>> 0} is lent, and cannot be given away`)
  if (!handle.isOwn) return callee.trap(`resource ${index >>> 0} is borrowed, and cannot be given away`)
  callee.instance.handles.remove(index)
  return lifted(type.resource, handle.rep, false)
}

/** Gives the component a number for a resource. Throws `bad-value` for what is not one of the type. */
export const lowerHandle = (transfer: Transfer, type: HandleType, value: ComponentValue): number => {
  const { callee, scope } = transfer
  if (transfer.keepsNumbers) return value as number
  if (isEnd(type)) return lowerEnd(transfer, type, value)
  const { resource } = type
  const isOwn = type.kind === 'own'
  const rep = repOf(resource, value, isOwn)
  if (!isOwn && resource.owner === callee.instance) return rep as number
  if (!isOwn) scope.borrows += 1
  const index = callee.instance.handles.put(new Handle(resource, rep, isOwn ? null : scope))
  return index === 0 ? callee.trap('too many resources') : index
}

const repOf = (type: ResourceType, value: ComponentValue, isOwn: boolean): unknown => {
  if (type.owner === null && typeof value === 'object' && value !== null) return value
  if (!(value instanceof ComponentResource)) throw wrong(value, 'resource')
  return isOwn ? value.take(type) : value.look(type)
}

/** Takes the readable end of a stream or a future from a component; an error context stays with it. */
const liftEnd = ({ callee }: Transfer, type: EndType, index: number): ComponentValue => {
  const { handles } = callee.instance
  const entry = handles.at(index)
  if (type.kind === 'error-context')
    return entry instanceof ErrorContext ? entry as never : callee.trap(`no such error context: ${index >>> 0}`)
  if (!(entry instanceof CopyEnd) || !entry.isReader || entry.shared.kind !== type.kind)
    return callee.trap(`no such ${type.kind}: ${index >>> 0}`)
  const { shared: { of } } = entry
  if (of === null || type.of === null ? of !== type.of : !sameValue(of, type.of))
    return callee.trap(`a ${type.kind} of another type`)
  if (entry.state !== 'idle' || entry.set !== null) return callee.trap(`a ${type.kind} that is in use is given away`)
  handles.remove(index)
  return entry.shared
}

const lowerEnd = ({ callee }: Transfer, type: EndType, value: ComponentValue): number => {
  const { handles } = callee.instance
  const index = handles.put(type.kind === 'error-context' ? contextOf(value) : new CopyEnd(streamOf(type, value), true))
  return index === 0 ? callee.trap('too many handles') : index
}

const contextOf = (value: ComponentValue): object => {
  const given: unknown = value
  if (given instanceof ErrorContext) return given
  throw wrong(value, 'error context')
}

/** A stream of a component, or one of a list that JavaScript gives; a future may be given by its value. */
const streamOf = ({ kind, of }: EndType, value: ComponentValue): ComponentStream => {
  if (value instanceof ComponentStream) {
    if (value.kind === kind) return value
    throw wrong(value, kind)
  }
  if (kind === 'future') return ComponentStream.ofValues('future', of, [value])
  if (!Array.isArray(value) && !(value instanceof Uint8Array)) throw wrong(value, kind)
  return ComponentStream.ofValues('stream', of, value as Uint8Array | readonly ComponentValue[])
}
