/** The kinds of object that come from factories only, with their field tables: kernels' types are made of them. */
import { credFields } from './cred.ts'
import type { FieldTable } from './field.ts'
import { dentryFields, fileFields, inodeFields, superBlockFields } from './fs.ts'
import { socketFields, sockFields } from './net.ts'
import { taskFields } from './task.ts'

/** A kind of object that hosts make. */
export interface ObjectKind {
  /** Name of the factory. */
  readonly kind: string
  /** Name of the interface, and of the C struct it stands for. */
  readonly type: string
  readonly struct: string
  readonly table: FieldTable
}

/** The kinds of object that hosts make, with their fields. */
export const objectKinds: readonly ObjectKind[] = [
  { kind: 'task', type: 'Task', struct: 'task_struct', table: taskFields },
  { kind: 'cred', type: 'Cred', struct: 'cred', table: credFields },
  { kind: 'inode', type: 'Inode', struct: 'inode', table: inodeFields },
  { kind: 'dentry', type: 'Dentry', struct: 'dentry', table: dentryFields },
  { kind: 'file', type: 'File', struct: 'file', table: fileFields },
  { kind: 'super_block', type: 'SuperBlock', struct: 'super_block', table: superBlockFields },
  { kind: 'socket', type: 'Socket', struct: 'socket', table: socketFields },
  { kind: 'sock', type: 'Sock', struct: 'sock', table: sockFields },
]
