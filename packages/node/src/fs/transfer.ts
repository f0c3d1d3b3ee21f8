/** `read` and `write` on descriptors in the ways that Node takes their arguments: in order, or as options. */
import { either, oneOf, wholeNumber } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { OptionShape } from '@lsmkit/core/plain-options'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { wholeOf } from './options.ts'

type View = NodeJS.ArrayBufferView
type Position = number | bigint | null

interface PartOptions {
  readonly offset?: number
  readonly length?: number
  readonly position?: Position
}
/** Offset, length and position; or options; for a string position and encoding. */
export type Rest = readonly [first?: number | PartOptions | null, second?: number | string, third?: Position]

interface Part {
  readonly bytes: Uint8Array
  readonly position: number | null
}

const outOfRange = (name: string, value: number): RangeError =>
  Object.assign(new RangeError(`The value of "${name}" is out of range. Received ${value}`), {
    code: 'ERR_OUT_OF_RANGE',
  })

const aBigInt = { is: (value: unknown) => typeof value === 'bigint', what: 'a bigint' }
const aWhole = wholeNumber(Number.MIN_SAFE_INTEGER)
const aPosition = either(wholeNumber(-1), aBigInt, oneOf(null))
const partShape: OptionShape<PartOptions> = {
  // how far they may go is told as a RangeError, as Node does
  takes: { offset: aWhole, length: aWhole, position: aPosition },
}

/** Where the file stands is null. */
const positionOf = (position: unknown): number | null => {
  if (position === null || position === undefined) return null
  const at = wholeOf(typeof position === 'bigint' ? Number(position) : position, 'position', -1)
  return at < 0 ? null : at
}

const partOf = (buffer: View, [first, second, third]: Rest): Part => {
  const { byteLength } = buffer
  const inOrder = { offset: first ?? 0, length: second ?? undefined, position: third } as PartOptions
  const { offset = 0, position = null, length = byteLength - offset } =
    typeof first === 'object' && first !== null ? plainOptions(first, partShape, 'read') : inOrder
  if (wholeOf(offset, 'offset', -Infinity) < 0 || offset > byteLength) throw outOfRange('offset', offset)
  if (wholeOf(length, 'length', -Infinity) < 0 || offset + length > byteLength) throw outOfRange('length', length)
  return { bytes: new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length), position: positionOf(position) }
}

const dataOf = (data: View | string, rest: Rest): Part => {
  if (typeof data !== 'string') return partOf(data, rest)
  const [position, encoding = 'utf8'] = rest
  const bytes = Buffer.from(data, String(encoding) as BufferEncoding)
  return { bytes, position: positionOf(position) }
}

/** How many bytes. */
export const transfersOf = (files: TaskFiles) => {
  const each = (
    fd: number, views: readonly View[], position: Position | undefined, move: typeof files.read,
  ): number => {
    let [moved, at] = [0, positionOf(position)]
    for (const view of views) {
      const { bytes } = partOf(view, [])
      const n = move.call(files, fd, bytes, at)
      moved += n
      if (at !== null) at += n
      if (n < bytes.length) break
    }
    return moved
  }
  return {
    read: (fd: number, buffer: View, ...rest: Rest): number => {
      const { bytes, position } = partOf(buffer, rest)
      return files.read(wholeOf(fd, 'fd'), bytes, position)
    },
    write: (fd: number, data: View | string, ...rest: Rest): number => {
      const { bytes, position } = dataOf(data, rest)
      return files.write(wholeOf(fd, 'fd'), bytes, position)
    },
    readv: (fd: number, views: readonly View[], position?: Position): number =>
      each(wholeOf(fd, 'fd'), views, position, files.read),
    writev: (fd: number, views: readonly View[], position?: Position): number =>
      each(wholeOf(fd, 'fd'), views, position, files.write),
  }
}

export type Transfers = ReturnType<typeof transfersOf>
