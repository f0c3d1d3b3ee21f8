/** Types of our own kernel. */
export { kernelStructs, vmlinuxBtf, vmlinuxBytes, widestStruct } from './vmlinux.ts'
export type { KernelField, KernelStruct } from './vmlinux.ts'
