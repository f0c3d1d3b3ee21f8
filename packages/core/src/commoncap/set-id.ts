/** The set-user-ID and set-group-ID bits of a program (`bprm_fill_uid` of fs/exec.c), as a pure function. */
import { S_ISGID, S_ISUID, S_IXGRP } from '@lsmkit/abi'
import type { UserNamespace } from '../objects/cred.ts'
import { kgid_has_mapping, kuid_has_mapping } from './user-ns.ts'

export interface SetIdFile {
  readonly mode: number
  /** Owner and group as the mount shows them (vfsuid, vfsgid). */
  readonly uid: number
  readonly gid: number
  /** As `mnt_may_suid`: not MNT_NOSUID, and the file system belongs to the task's namespace or one above it. */
  readonly maySuid: boolean
}

export interface SetIds {
  /** The new effective ids, or null where the file leaves the caller's. */
  readonly euid: number | null
  readonly egid: number | null
}

const none: SetIds = { euid: null, egid: null }

/** A set-group-ID bit without group execute means mandatory locking, not set-group-ID. */
export const fileSetIds = (file: SetIdFile, ns: UserNamespace, noNewPrivs: boolean): SetIds => {
  if (!file.maySuid || noNewPrivs || !(file.mode & (S_ISUID | S_ISGID))) return none
  if (!kuid_has_mapping(ns, file.uid) || !kgid_has_mapping(ns, file.gid)) return none
  const setgid = (file.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP)
  return { euid: file.mode & S_ISUID ? file.uid : null, egid: setgid ? file.gid : null }
}
