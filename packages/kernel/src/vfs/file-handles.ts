/** File handles: numbers that find an inode again without its name (fs/fhandle.c, fs/exportfs). */
import { EOPNOTSUPP, EOVERFLOW, ESTALE } from '@lsmkit/abi'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import { inodeState, superState } from './state.ts'

/** `struct file_handle`. */
export interface FileHandle {
  handle_bytes: number
  handle_type: number
  f_handle: Uint8Array
}

export const MAX_HANDLE_SZ = 128
/** What tmpfs gives out: generation, and both halves of the inode number. */
const HANDLE_TYPE = 1
const HANDLE_BYTES = 12

/** The number of an inode, to compare alone (FILEID_INO64_GEN): what every file system can give out. */
const ID_TYPE = 0x81

/**
 * As `exportfs_encode_fh`: fills `handle`, or tells in it how much room is needed. `idOnly`: nobody has to find the
 * inode by it.
 */
export const encodeHandle = (inode: Inode, handle: FileHandle, idOnly = false): number => {
  const { s_op } = superState(inode.i_sb)
  if (!s_op.exports && !idOnly) return -EOPNOTSUPP
  const room = handle.handle_bytes
  handle.handle_bytes = HANDLE_BYTES
  if (room < HANDLE_BYTES) return -EOVERFLOW
  const view = new DataView(new ArrayBuffer(HANDLE_BYTES))
  // the generation comes first, or last
  const at = s_op.exports ? 4 : 0
  handle.handle_type = s_op.exports ? HANDLE_TYPE : ID_TYPE
  view.setUint32(at, inode.i_ino >>> 0, true)
  view.setUint32(at + 4, Math.floor(inode.i_ino / 2 ** 32), true)
  handle.f_handle = new Uint8Array(view.buffer)
  if (s_op.exports) superState(inode.i_sb).exported.set(inode.i_ino, inode)
  return 0
}

/** As `exportfs_decode_fh`: a name of the inode; -ESTALE when it is gone. */
export const decodeHandle = (sb: SuperBlock, { handle_type, handle_bytes, f_handle }: FileHandle): Dentry | number => {
  const state = superState(sb)
  if (!state.s_op.exports || handle_type !== HANDLE_TYPE) return -ESTALE
  if (handle_bytes < HANDLE_BYTES || f_handle.length < HANDLE_BYTES) return -ESTALE
  const view = new DataView(f_handle.buffer, f_handle.byteOffset, HANDLE_BYTES)
  const inode = state.exported.get(view.getUint32(4, true) + view.getUint32(8, true) * 2 ** 32)
  if (inode === undefined) return -ESTALE
  const { alias, evicted } = inodeState(inode)
  return evicted || alias === null ? -ESTALE : alias
}
