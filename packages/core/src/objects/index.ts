/** Kernel objects as interfaces with the kernel's field names; hosts may implement them on objects of their own. */
export * from './cred.ts'
export * from './field.ts'
export * from './fs.ts'
export * from './handled.ts'
export * from './ipc.ts'
export * from './key.ts'
export * from './misc.ts'
export * from './mm.ts'
export * from './net.ts'

export * from './secured.ts'
export * from './task.ts'
