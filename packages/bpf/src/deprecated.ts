/** Names that have moved to a subpath and stay in the main entry for one minor: docs/upgrading.md. */
export { MapHandle } from './maps/map-handle.ts'
export { kernelStructs, vmlinuxBtf, type KernelField, type KernelStruct } from './vmlinux/index.ts'
