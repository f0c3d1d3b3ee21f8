/** Contents of files of both layers, compared and copied in parts. */
import { O_NOFOLLOW, O_RDONLY } from '@lsmkit/abi'
import type { HostTree, HostTreeFile } from '@lsmkit/kernel/hostfs'
import type { UpperLayer } from './upper-layer.ts'

const PART = 1 << 18

/** The parts of a file of the upper layer, in a buffer that is used again. */
export function* partsOf({ files }: UpperLayer, path: string): Generator<Uint8Array> {
  const fd = files.open(`/${path}`, O_RDONLY | O_NOFOLLOW)
  const buffer = new Uint8Array(PART)
  try {
    for (let at = 0; ;) {
      const length = files.read(fd, buffer, at)
      if (length === 0) return
      yield buffer.subarray(0, length)
      at += length
    }
  } finally {
    files.close(fd)
  }
}

/** `into` filled from `position` as far as the file goes: how many bytes. */
const fill = (file: HostTreeFile, into: Uint8Array, position: number): number => {
  let at = 0
  while (at < into.length) {
    const length = file.read(into.subarray(at), position + at)
    if (length === 0) break
    at += length
  }
  return at
}

/** Both are files. */
export const sameContents = (upper: UpperLayer, path: string, tree: HostTree, lower: string): boolean => {
  const file = tree.open(lower)
  const other = new Uint8Array(PART)
  try {
    let position = 0
    for (const part of partsOf(upper, path)) {
      if (fill(file, other.subarray(0, part.length), position) !== part.length) return false
      for (let i = 0; i < part.length; i++) if (part[i] !== other[i]) return false
      position += part.length
    }
    return fill(file, other.subarray(0, 1), position) === 0
  } finally {
    file.close()
  }
}

/** All of a file of the host; null where it is larger than `most`. */
export const hostBytes = (tree: HostTree, lower: string, most: number): Uint8Array | null => {
  const file = tree.open(lower)
  try {
    const { size } = file.stat
    if (size > most) return null
    const bytes = new Uint8Array(size)
    return bytes.subarray(0, fill(file, bytes, 0))
  } finally {
    file.close()
  }
}

/** All of a file of the upper layer; null where it is larger than `most`. */
export const upperBytes = (upper: UpperLayer, path: string, most: number): Uint8Array | null => {
  const size = upper.stat(path)?.size ?? 0
  if (size > most) return null
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of partsOf(upper, path)) {
    bytes.set(part.subarray(0, size - at), at)
    at += part.length
    if (at >= size) break
  }
  return bytes.subarray(0, Math.min(at, size))
}
