/** The rules for a snapshot that a caller hands back. */
import {
  aString, bytes, checkOptions, either, listOf, oneOf, optionsOf, orNull, recordOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { isPath } from './normal-path.ts'
import type { Snapshot, SnapshotEntry, SnapshotFolder, SnapshotPlace } from './snapshot.ts'

const aPath: OptionRule = { is: (value) => typeof value === 'string' && isPath(value), what: 'a path without links' }
const anId = required(wholeNumber(0, 0xffffffff))
const aTime: OptionRule = {
  is: (value) => Array.isArray(value) && value.length === 2 && value.every((part) => Number.isSafeInteger(part)),
  what: 'seconds and nanoseconds',
}
const anAttribute: OptionRule = {
  is: (value) => Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' &&
    value[1] instanceof Uint8Array,
  what: 'a name and bytes',
}

const entryRules: OptionRules<SnapshotEntry> = {
  path: required(aPath), mode: anId, uid: anId, gid: anId, atime: required(aTime), mtime: required(aTime),
  data: required(orNull(either(bytes, aString, wholeNumber(0)))), linkTo: required(orNull(aPath)),
  attributes: required(listOf(anAttribute)), late: aString,
}
const placeRules: OptionRules<SnapshotPlace> = { path: required(aPath), ino: required(orNull(wholeNumber(0))) }

const ownRules: OptionRules<SnapshotFolder['own'][number]> = {
  path: required(aString), ino: required(wholeNumber(0)), ctime: required(aString),
}
const folderRules: OptionRules<SnapshotFolder> = {
  ino: required(wholeNumber(0)), since: required(wholeNumber(0)), own: required(listOf(optionsOf(ownRules))),
  entries: required(listOf(optionsOf(entryRules))),
}

const snapshotRules: OptionRules<Snapshot> = {
  version: required(oneOf(1)), entries: required(listOf(optionsOf(entryRules))),
  places: recordOf(orNull(optionsOf(placeRules))), folders: recordOf(optionsOf(folderRules)),
}

/** Throws OptionError. */
export const checkSnapshot = (snapshot: unknown): void => checkOptions(snapshot, snapshotRules, 'restore')
