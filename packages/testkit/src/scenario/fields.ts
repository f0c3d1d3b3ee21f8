/** The fields that a scenario file may have, part by part; for editors that complete them, too. */
import { calls } from './calls.ts'
import type { ObjectKind } from './scenario.ts'

export const TOP = [
  'scenario', 'lsms', 'permissive', 'options', 'cmdline', 'kernel', 'sysctl', 'objects', 'identities', 'write', 'steps',
  'comment',
] as const
export const KINDS: readonly ObjectKind[] = ['dir', 'file', 'program', 'symlink', 'link', 'fifo', 'mount']
/** Of these there is no more to say than that an object is one. */
export const BARE: readonly ObjectKind[] = ['dir', 'program', 'fifo']
export const OBJECT = [...KINDS, 'mode', 'uid', 'gid', 'label', 'xattrs']
export const IDENTITY = ['uid', 'gid', 'groups', 'caps', 'label']
export const STEP = ['as', 'save', 'expect', 'comment']
export const EXPECT = ['errno', 'rc', 'data', 'stat', 'by', 'hook', 'label', 'audit']

/** Names of fields by the part of a scenario that they stand in; `step` has the system calls too. */
export const scenarioFields: Readonly<Record<'top' | 'object' | 'identity' | 'step' | 'expect', readonly string[]>> = {
  top: TOP, object: OBJECT, identity: IDENTITY, step: [...STEP, ...Object.keys(calls)], expect: EXPECT,
}
