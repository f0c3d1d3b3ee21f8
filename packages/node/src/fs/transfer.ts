/** `read` and `write` on descriptors in the ways that Node takes their arguments: in order, or as options. */
import type { TaskFiles } from '@lsmkit/kernel/files'

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

const partOf = (buffer: View, [first, second, third]: Rest): Part => {
  const inOrder = { offset: first ?? 0, length: second, position: third } as PartOptions
  const { offset = 0, position = null, length = buffer.byteLength - offset } =
    typeof first === 'object' && first !== null ? first : inOrder
  if (offset < 0 || offset > buffer.byteLength) throw outOfRange('offset', offset)
  if (length < 0 || offset + length > buffer.byteLength) throw outOfRange('length', length)
  const at = position === null || position < 0 ? null : Number(position)
  return { bytes: new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length), position: at }
}

const dataOf = (data: View | string, rest: Rest): Part => {
  if (typeof data !== 'string') return partOf(data, rest)
  const [position, encoding = 'utf8'] = rest
  const bytes = Buffer.from(data, encoding as BufferEncoding)
  return { bytes, position: typeof position === 'number' ? position : null }
}

/** How many bytes. */
export const transfersOf = (files: TaskFiles) => {
  const each = (
    fd: number, views: readonly View[], position: Position | undefined, move: typeof files.read,
  ): number => {
    let [moved, at] = [0, typeof position === 'number' ? position : null]
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
      return files.read(fd, bytes, position)
    },
    write: (fd: number, data: View | string, ...rest: Rest): number => {
      const { bytes, position } = dataOf(data, rest)
      return files.write(fd, bytes, position)
    },
    readv: (fd: number, views: readonly View[], position?: Position): number =>
      each(fd, views, position, files.read),
    writev: (fd: number, views: readonly View[], position?: Position): number =>
      each(fd, views, position, files.write),
  }
}

export type Transfers = ReturnType<typeof transfersOf>
