/** `@lsmkit/selinux/classes`: the classes and permissions that the kernel asks for, by number, name and as CIL. */
export { AV, className, classMap, kernelClasses, permissionNames, SECCLASS } from './class-map.ts'
export type { ClassName, PermissionName } from './class-map.ts'
export { kernelClassesCil } from './kernel-classes-cil.ts'
