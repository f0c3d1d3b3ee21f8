/** Types of our own kernel. */
export { kernelStructs, vmlinuxBtf, vmlinuxBytes, type KernelField, type KernelStruct } from './vmlinux.ts'
