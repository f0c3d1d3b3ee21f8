/**
 * Operations beside those of the recorded rows, named as they are: the whole table has more than its sample.
 * Each says the modes it takes, and a test holds it to that.
 */
import { XATTR_NAME_SMACK } from '@lsmkit/abi'
import { onFile } from '../preparations.ts'
import type { Operation, Siblings } from '../preparations.ts'
import { fileSiblings } from './files.ts'
import { ipcSiblings, msgrcv } from './ipc.ts'
import { processSiblings } from './processes.ts'
import { bothWays, socketSiblings } from './sockets.ts'

/** What no rule of the subject alone decides. */
export const others: Readonly<Record<string, Operation>> = {
  ...bothWays,
  msgrcv,
  setxattr_smack: onFile(({ kernel, row, subject }, path) =>
    [kernel.sys.setxattr(subject, path, XATTR_NAME_SMACK, new TextEncoder().encode(row.object), 0)]),
}

export const siblings: Siblings = { ...fileSiblings, ...processSiblings, ...ipcSiblings, ...socketSiblings }
