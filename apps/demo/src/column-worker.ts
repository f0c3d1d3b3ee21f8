/** A thread of the tour: visits the given columns, one after another. */
import { parentPort, workerData } from 'node:worker_threads'
import { visitColumn } from './column-document.ts'
import type { ColumnVisit } from './column-document.ts'
import type { Flags } from './flags.mjs'
import { readPolicy } from './read-policy.ts'

/** The data that a thread is started with. */
export type ColumnWorkerData = Pick<Flags, 'lsms' | 'policy' | 'fileContexts'>

const { lsms, ...files } = workerData as ColumnWorkerData
const policy = await readPolicy(files)
if (typeof policy === 'string') throw new Error(policy)
const tell = (visit: ColumnVisit): void => parentPort!.postMessage(visit, [])
parentPort!.on('message', async (i: number) => tell(await visitColumn(lsms, i, policy)))
