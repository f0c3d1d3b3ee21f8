/** Regular files whose contents come when they are first asked for, as those of a host's function do. */
import type { File } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import { inodeState } from '../state/vfs/state.ts'

/**
 * From now on `arrive` is called each time that somebody opens the file or asks for its attributes, with the flags of
 * the open file (0 for attributes). 0 goes on; -errno is the answer of the call; -ERESTARTSYS, with `machine.sleepOn`
 * set, lets it wait. Call what is returned when the contents are there.
 */
export const fillLater = (file: File, arrive: (flags: number) => number): () => void => {
  const state = inodeState(file.f_inode)
  const { i_fop, i_op } = state
  const { getattr } = i_op
  state.i_fop = fileOperations({
    ...i_fop,
    open: (inode, opened) => arrive(opened.f_flags) || (i_fop.open?.(inode, opened) ?? 0),
  })
  state.i_op = { ...i_op, getattr: (path, stat) => arrive(0) || getattr!(path, stat) }
  return () => Object.assign(state, { i_fop, i_op })
}
