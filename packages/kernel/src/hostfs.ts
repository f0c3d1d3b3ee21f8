/** Folders of the host as file systems: the one part of this package that needs Node. */
export { hostfs } from './fs/hostfs/hostfs.ts'
export type { HostfsOptions } from './fs/hostfs/hostfs.ts'
export { HostfsError } from './fs/hostfs/native.ts'
export { HostTree } from './fs/hostfs/host-tree.ts'
export type { RefuseHostCall } from './fs/hostfs/host-tree.ts'
export { HostTreeFile } from './fs/hostfs/host-tree-file.ts'
export type { HostTreeStat } from './fs/hostfs/host-tree-file.ts'
