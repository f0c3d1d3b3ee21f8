/** The calls of `fs`, each once. Their three forms are derived from these tables. */
import { bound } from '@lsmkit/kernel'
import type { Bound } from '@lsmkit/kernel'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { attributes } from './attributes.ts'
import { contents } from './contents.ts'
import { descriptors } from './descriptors.ts'
import { directories } from './directories.ts'
import { names } from './names.ts'
import { transfers } from './transfers.ts'

// named types: inferred ones would name packages that only `register` needs
export type Operations =
  Bound<typeof attributes & typeof contents & typeof directories & typeof names & typeof descriptors>
export const operationsOf = (files: TaskFiles): Operations =>
  bound(files, { ...attributes, ...contents, ...directories, ...names, ...descriptors })

export type Transfers = Bound<typeof transfers>
export const transfersOf = (files: TaskFiles): Transfers => bound(files, transfers)

/** Calls that `fs.promises` does not have, since a handle has them; it has `open`. */
export const onDescriptors: readonly string[] = Object.keys(descriptors)
