/** /proc/sysvipc: the objects of the reader's ipc namespace, one on each line (ipc/util.c, sysvipc_*_proc_show). */
import { from_kgid_munged, from_kuid_munged } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { IpcIds, IpcObject, IpcPerm } from '../state/ipc/ids.ts'
import { nrOf } from './stat.ts'
import { ownIpcNamespace } from './namespaces.ts'

const wide = (value: number, width: number): string => String(value).padStart(width)
const columns = (widths: readonly number[], values: readonly number[]): string =>
  values.map((value, i) => wide(value, widths[i]!)).join(' ')

/** Owner and creator as the reader's user namespace has them. */
const owners = (machine: Machine, { uid, gid, cuid, cgid }: IpcPerm): number[] => {
  const { user_ns } = machine.current.task.cred
  return [
    from_kuid_munged(user_ns, uid), from_kgid_munged(user_ns, gid),
    from_kuid_munged(user_ns, cuid), from_kgid_munged(user_ns, cgid),
  ]
}

const table = <T extends IpcObject>(head: string, ids: IpcIds<T>, row: (object: T) => string): string =>
  [
    `${head}\n`,
    ...[...ids.byIndex.values()].map((object) => {
      const { key, id, mode } = object.perm
      return `${wide(key, 10)} ${wide(id, 10)}  ${(mode & 0o7777).toString(8).padStart(4)} ${row(object)}\n`
    }),
  ].join('')

export const msgText = (machine: Machine): string =>
  table(
    '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime' +
      '      ctime',
    ownIpcNamespace(machine).msg,
    ({ perm, cbytes, messages, lspid, lrpid, stime, rtime, ctime }) =>
      columns([11, 10, 5, 5, 5, 5, 5, 5, 10, 10, 10], [
        cbytes, messages.length, nrOf(machine, lspid), nrOf(machine, lrpid), ...owners(machine, perm), stime, rtime,
        ctime,
      ]),
  )

export const semText = (machine: Machine): string =>
  table(
    '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime',
    ownIpcNamespace(machine).sem,
    ({ perm, sems, otime, ctime }) =>
      columns([10, 5, 5, 5, 5, 10, 10], [sems.length, ...owners(machine, perm), otime, ctime]),
  )

export const shmText = (machine: Machine): string =>
  table(
    '       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime' +
      '      dtime      ctime                   rss                  swap',
    ownIpcNamespace(machine).shm,
    ({ perm, segsz, cpid, lpid, nattch, atime, dtime, ctime }) =>
      columns([21, 5, 5, 6, 5, 5, 5, 5, 10, 10, 10, 21, 21], [
        segsz, nrOf(machine, cpid), nrOf(machine, lpid), nattch, ...owners(machine, perm), atime, dtime, ctime, segsz,
        0,
      ]),
  )
