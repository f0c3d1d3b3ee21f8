/** Symbolic links whose text the inode keeps (`simple_get_link` of fs/libfs.c). */
import type { Dentry, Inode } from '@lsmkit/core'
import { inodeState } from './state.ts'

export const simple_get_link = (_dentry: Dentry, inode: Inode): string => inodeState(inode).rare?.i_link ?? ''
