/** The calls of `fs`, each once. Their three forms are derived from these tables. */
import { bound } from '@lsmkit/kernel'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { attributes } from './attributes.ts'
import { contents } from './contents.ts'
import { descriptors } from './descriptors.ts'
import { directories } from './directories.ts'
import { names } from './names.ts'
import { transfers } from './transfers.ts'

export const operationsOf = (files: TaskFiles) =>
  bound(files, { ...attributes, ...contents, ...directories, ...names, ...descriptors })
export type Operations = ReturnType<typeof operationsOf>

export const transfersOf = (files: TaskFiles) => bound(files, transfers)
export type Transfers = ReturnType<typeof transfersOf>

/** Calls that `fs.promises` does not have, since a handle has them; it has `open`. */
export const onDescriptors: readonly string[] = Object.keys(descriptors)
