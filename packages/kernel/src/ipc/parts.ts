/** What the calls of System V IPC share. */
import type { Machine } from '../machine.ts'
import type { IpcChecks } from './checks.ts'
import type { IpcNamespaces } from './namespaces.ts'
import type { SemUndo } from './sem-undo.ts'

export interface IpcParts {
  readonly machine: Machine
  readonly namespaces: IpcNamespaces
  readonly checks: IpcChecks
  readonly undo: SemUndo
}

export const S_IRUGO = 0o444
export const S_IWUGO = 0o222

export const secondsNow = ({ machine }: IpcParts): number => machine.now().sec
