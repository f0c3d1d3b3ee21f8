/** `read` and `write` on descriptors in the ways that Node takes their arguments: in order, or as options. */
import { EINVAL } from '@lsmkit/abi'
import { FileError } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { outOfRange, wrongType, wrongValue } from '../arguments/argument-error.ts'
import { encodingOf, fdOf, INT32_MAX, wholeOf } from '../arguments/checks.ts'
import { viewBytes, viewOf, viewsOf } from '../arguments/data.ts'
import type { View } from '../arguments/data.ts'
import { looseOptions, optionRules } from '../arguments/options.ts'

export type Position = number | bigint | null

export interface PartOptions {
  readonly offset?: number
  readonly length?: number
  readonly position?: Position
}
/** Offset, length and position; or options; for a string position and encoding. */
export type Rest = readonly [first?: number | PartOptions | null, second?: number | string | null, third?: Position]

/** A transfer with its arguments checked: what is moved, and between which bytes and which place of the file. */
export interface Part<V> {
  readonly fd: number
  readonly of: V
  readonly bytes: Uint8Array
  /** Where the file stands is null. */
  readonly position: number | null
}

const MOST = 2n ** 63n - 1n
const USUAL_BUFFER = 16384

const positionOf = (position: unknown): number | null => {
  if (position === null || position === undefined) return null
  if (typeof position === 'bigint') {
    if (position >= -MOST - 1n && position <= MOST) return position < 0n ? null : Number(position)
    throw outOfRange('position', `>= ${-MOST - 1n} && <= ${MOST}`, position)
  }
  if (typeof position !== 'number') throw wrongType('position', ['integer', 'bigint'], position)
  const at = wholeOf(position, 'position', -1)
  return at < 0 ? null : at
}

interface Bounds {
  readonly offset: unknown
  readonly length: unknown
  readonly position: unknown
}

/** In order, or as options. */
const boundsOf = ([first, second, third]: readonly unknown[]): Bounds => {
  if (typeof first !== 'object' || first === null) return { offset: first ?? 0, length: second, position: third }
  const { offset, length, position } = looseOptions(first, optionRules.part)
  return { offset: offset ?? 0, length, position }
}

/** A number, or null for all the rest. Anything else is an error: nothing is turned into a number. */
const lengthOf = (length: unknown): number | null => {
  if (length === null || length === undefined) return null
  return wholeOf(length, 'length', -Infinity, Infinity)
}

export const readPart = (fd: unknown, view: unknown, rest: readonly unknown[]): Part<View> => {
  const checked = fdOf(fd)
  const isOptions = view === undefined || (typeof view === 'object' && !ArrayBuffer.isView(view))
  const { buffer = Buffer.alloc(USUAL_BUFFER) } = isOptions ? looseOptions(view, optionRules.part) : { buffer: view }
  const of = viewOf(buffer)
  const bounds = boundsOf(isOptions ? [view ?? undefined] : rest)
  const offset = wholeOf(bounds.offset, 'offset', 0)
  const length = lengthOf(bounds.length) ?? of.byteLength - offset
  const bytes = viewBytes(of)
  if (length === 0) return { fd: checked, of, bytes: bytes.subarray(0, 0), position: null }
  if (of.byteLength === 0) throw wrongValue('buffer', of, 'is empty and cannot be written')
  if (length < 0) throw outOfRange('length', '>= 0', length)
  if (offset + length > of.byteLength) throw outOfRange('length', `<= ${of.byteLength - offset}`, length)
  const position = positionOf(bounds.position)
  return { fd: checked, of, bytes: bytes.subarray(offset, offset + length), position }
}

const viewToWrite = (of: View, rest: readonly unknown[]): Omit<Part<View>, 'fd'> => {
  const bounds = boundsOf(rest)
  const offset = wholeOf(bounds.offset, 'offset', 0)
  const length = lengthOf(bounds.length) ?? of.byteLength - offset
  if (offset > of.byteLength) throw outOfRange('offset', `<= ${of.byteLength}`, offset)
  if (length > of.byteLength - offset) throw outOfRange('length', `<= ${of.byteLength - offset}`, length)
  if (length < 0) throw outOfRange('length', '>= 0', length)
  if (length > INT32_MAX) throw outOfRange('length', `>= 0 && <= ${INT32_MAX}`, length)
  return { of, bytes: viewBytes(of).subarray(offset, offset + length), position: positionOf(bounds.position) }
}

export const writePart = (fd: unknown, data: unknown, rest: readonly unknown[]): Part<View | string> => {
  const checked = fdOf(fd)
  if (ArrayBuffer.isView(data)) return { fd: checked, ...viewToWrite(data as View, rest) }
  if (typeof data !== 'string') throw wrongType('buffer', ['string', 'Buffer', 'TypedArray', 'DataView'], data)
  const [position, encoding] = rest
  const bytes = Buffer.from(data, typeof encoding === 'string' ? encodingOf(encoding) ?? 'utf8' : 'utf8')
  return { fd: checked, of: data, bytes, position: positionOf(position) }
}

const each = (
  views: readonly View[], position: number | null, move: (bytes: Uint8Array, at: number | null) => number,
): number => {
  let [moved, at] = [0, position]
  for (const view of views) {
    const n = move(viewBytes(view), at)
    moved += n
    if (at !== null) at += n
    if (n < view.byteLength) break
  }
  return moved
}

export const transfers = {
  read: (files: TaskFiles, fd: number, buffer: View, ...rest: Rest): number => {
    const checked = fdOf(fd)
    return readIn(files, readPart(checked, viewOf(buffer), rest))
  },
  write: (files: TaskFiles, fd: number, data: View | string, ...rest: Rest): number =>
    writeOut(files, writePart(fd, data, rest)),
  readv: (files: TaskFiles, fd: number, buffers: readonly View[], position?: Position): number => {
    const [of, views, at] = [fdOf(fd), viewsOf(buffers), positionOf(position)]
    if (views.length === 0) throw new FileError(-EINVAL, 'read')
    return each(views, at, (bytes, from) => files.read(of, bytes, from))
  },
  writev: (files: TaskFiles, fd: number, buffers: readonly View[], position?: Position): number => {
    const [of, views, at] = [fdOf(fd), viewsOf(buffers), positionOf(position)]
    return each(views, at, (bytes, to) => files.write(of, bytes, to))
  },
}

/** How many bytes. */
export const readIn = (files: TaskFiles, { fd, bytes, position }: Part<View>): number =>
  bytes.length === 0 ? 0 : files.read(fd, bytes, position)
export const writeOut = (files: TaskFiles, { fd, bytes, position }: Part<View | string>): number =>
  files.write(fd, bytes, position)
