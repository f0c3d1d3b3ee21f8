/** Types of our own kernel. */
export { headerOf } from './c-header.ts'
export { kernelStructs, vmlinuxBtf, vmlinuxBytes, widestStruct } from './vmlinux.ts'
export type { KernelField, KernelStruct } from './vmlinux.ts'
