/** The VFS, as the rest of the kernel sees it. */
import type { VfsContents } from './vfs-contents.ts'
import type { VfsMounts } from './vfs-mounts.ts'
import type { VfsNames } from './vfs-names.ts'
import type { VfsObjects } from './vfs-objects.ts'

export interface Vfs extends VfsObjects, VfsNames, VfsMounts, VfsContents {}
