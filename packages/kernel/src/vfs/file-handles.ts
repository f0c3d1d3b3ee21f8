/** File handles: numbers that find an inode without a name (fs/fhandle.c, fs/exportfs). */
import { EOPNOTSUPP, EOVERFLOW, ESTALE } from '@lsmkit/abi'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import type { EncodedHandle } from '../state/vfs/driver.ts'
import { inodeState, superState } from '../state/vfs/state.ts'

/** `struct file_handle`. */
export interface FileHandle {
  handle_bytes: number
  handle_type: number
  f_handle: Uint8Array
}

export const MAX_HANDLE_SZ = 128
/** The handle of tmpfs: generation, and both halves of the inode number. */
const HANDLE_TYPE = 1
const HANDLE_BYTES = 12

const keyOf = (type: number, bytes: Uint8Array): string => `${type}:${bytes.join()}`
const remember = (inode: Inode, key: string): void => {
  const state = superState(inode.i_sb)
  if (state.handles?.get(inode) !== key) forgetHandle(inode)
  ;(state.exported ??= new Map()).set(key, inode)
  ;(state.handles ??= new Map()).set(inode, key)
}
/** Called when an inode ends: its handles are stale from now on. */
export const forgetHandle = (inode: Inode): void => {
  const { exported, handles } = superState(inode.i_sb)
  const key = handles?.get(inode)
  if (key === undefined) return
  exported?.delete(key)
  handles?.delete(inode)
}

const numberHandle = (inode: Inode, exports: boolean): EncodedHandle => {
  const view = new DataView(new ArrayBuffer(HANDLE_BYTES))
  // the generation comes first, or last
  const at = exports ? 4 : 0
  view.setUint32(at, inode.i_ino >>> 0, true)
  view.setUint32(at + 4, Math.floor(inode.i_ino / 2 ** 32), true)
  return { handle_type: exports ? HANDLE_TYPE : ID_TYPE, f_handle: new Uint8Array(view.buffer) }
}

/** An inode number that can only be compared (FILEID_INO64_GEN). Every file system has it. */
const ID_TYPE = 0x81

/**
 * As `exportfs_encode_fh`: fills `handle`, or sets its size to what is needed if it is too small. `idOnly`: the handle
 * is only compared, never opened.
 */
export const encodeHandle = (inode: Inode, handle: FileHandle, room: number, idOnly = false): number => {
  const { s_op } = superState(inode.i_sb)
  if (!s_op.exports && !idOnly) return -EOPNOTSUPP
  const made = s_op.encode_fh === null ? numberHandle(inode, s_op.exports) : s_op.encode_fh(inode)
  if (typeof made === 'number') return -EOVERFLOW
  handle.handle_bytes = made.f_handle.length
  if (room < made.f_handle.length) return -EOVERFLOW
  handle.handle_type = made.handle_type
  handle.f_handle = made.f_handle
  if (s_op.exports) remember(inode, keyOf(made.handle_type, made.f_handle))
  return 0
}

/** As `exportfs_decode_fh`: a dentry of the inode, or -ESTALE if the inode is gone. */
export const decodeHandle = (sb: SuperBlock, { handle_type, handle_bytes, f_handle }: FileHandle): Dentry | number => {
  const state = superState(sb)
  if (!state.s_op.exports) return -ESTALE
  const { fh_to_dentry } = state.s_op
  if (fh_to_dentry !== null) return fh_to_dentry(sb, handle_type, f_handle.subarray(0, handle_bytes))
  const inode = state.exported?.get(keyOf(handle_type, f_handle.subarray(0, handle_bytes)))
  if (inode === undefined) return -ESTALE
  const { alias, evicted } = inodeState(inode)
  return evicted || alias === null ? -ESTALE : alias
}
