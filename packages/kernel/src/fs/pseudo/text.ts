/** Open text files of pseudo file systems: their contents are made when they are read. */
import { EINVAL, ENOMEM, EPOLLIN, EPOLLRDNORM } from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import { copyIn, give } from '../../state/guest-bytes.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { fileState } from '../../state/vfs/state.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import type { PseudoText, TextIo } from './nodes.ts'
import { PieceReader } from './pieces.ts'
import { nodeOf } from './nodes.ts'

/** An open text file: the node's state, and the contents once they were read. */
class OpenText implements TextIo {
  readonly file: File
  state: unknown = null
  pos = 0
  room = 0
  bytes: Uint8Array | null = null
  pieces: PieceReader | null = null

  constructor(file: File) {
    this.file = file
  }
}

const encoder = new TextEncoder()

const openText = (file: File): OpenText => fileState(file).data as OpenText
const textNode = (inode: Inode): PseudoText => nodeOf(inode) as PseudoText

/** The contents of one read, from `pos` on. */
const contentsAt = (node: PseudoText, io: OpenText, pos: number): Uint8Array | number => {
  if (pos !== 0 && !node.fresh && io.bytes !== null) return io.bytes
  const made = node.text === undefined ? -EINVAL : node.text(io)
  if (typeof made === 'number') return made
  const bytes = typeof made === 'string' ? encoder.encode(made) : made
  if (!fileState(io.file).charge(bytes.length - (io.bytes?.length ?? 0))) return -ENOMEM
  io.bytes = bytes
  return bytes
}

/** Abilities of a text node, as bits. */
const READS = 1
const WRITES = 2
const KEEPS_POS = 4
const MAPS = 8
const SEEKS = 16
const CONTROLS = 32
const WAITS = 64

const abilitiesOf = (
  { text, pieces, write, writeKeepsPos, mappable, seekable = true, ioctl, news }: PseudoText,
): number =>
  (text !== undefined || pieces !== undefined ? READS : 0) |
  (write !== undefined ? WRITES : 0) |
  (writeKeepsPos === true && write !== undefined ? KEEPS_POS : 0) |
  (mappable === true ? MAPS : 0) |
  (seekable ? SEEKS : 0) |
  (ioctl !== undefined ? CONTROLS : 0) |
  (news !== undefined ? WAITS : 0)

/** Operations of every text node that can do the same; the node itself is found by the inode. */
const textOperations = (can: number): FileOperations => fileOperations({
  open(inode, file) {
    const node = textNode(inode)
    const io = new OpenText(file)
    fileState(file).data = io
    return node.open?.(io) ?? 0
  },
  read: (can & READS) === 0 ? null : (file, buf, off, len, pos) => {
    const io = openText(file)
    const { pieces } = textNode(file.f_inode)
    if (pieces !== undefined) return (io.pieces ??= new PieceReader(() => pieces(io))).read(buf, off, len, pos)
    io.pos = pos
    io.room = len
    const bytes = contentsAt(textNode(file.f_inode), io, pos)
    if (typeof bytes === 'number') return bytes
    const from = (can & WAITS) !== 0 && pos + len > bytes.length ? 0 : pos
    const part = bytes.subarray(from, from + len)
    return give(part, buf, off)
  },
  write: (can & WRITES) === 0 ? null : (file, buf, off, len, pos) =>
    textNode(file.f_inode).write!(openText(file), copyIn(buf, off, len), pos),
  llseek: (can & SEEKS) === 0 ? null : (file, offset, whence) => {
    const io = openText(file)
    return generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, io.bytes?.length ?? 0)
  },
  release(inode, file) {
    const node = textNode(inode)
    const io = openText(file)
    if (io !== null) node.release?.(io)
  },
  ioctl: (can & CONTROLS) === 0 ? null : (file, cmd, arg) =>
    textNode(file.f_inode).ioctl!(openText(file), cmd, arg),
  poll: (can & WAITS) === 0 ? null : (file) =>
    textNode(file.f_inode).news!.isReady(openText(file)) ? EPOLLIN | EPOLLRDNORM : 0,
  poll_queue: (can & WAITS) === 0 ? null : (file) => textNode(file.f_inode).news!.queue(openText(file)),
  mmap: (can & MAPS) === 0 ? null : () => 0,
  splice: (can & READS) !== 0,
  write_keeps_pos: (can & KEEPS_POS) !== 0,
})

const byAbilities = new Map<number, FileOperations>()

/** Operations for a text node. */
export const textOps = (node: PseudoText): FileOperations => {
  const can = abilitiesOf(node)
  let made = byAbilities.get(can)
  if (made === undefined) byAbilities.set(can, (made = textOperations(can)))
  return made
}
