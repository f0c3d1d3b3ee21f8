/** The VFS of one machine: its parts, put together in the order they need one another. */
import type { KeyMap } from '@lsmkit/core'
import type { Vfs } from '../interfaces/vfs.ts'
import type { Machine } from '../machine.ts'
import { anonInodes } from './anon-inode.ts'
import { posixAcls } from './acl.ts'
import { accessTimes } from './atime.ts'
import { attributeChanges } from './attr.ts'
import { rangeCopies } from './copy-range.ts'
import { createChecks } from './create-checks.ts'
import { createNames } from './create.ts'
import { dentryCache } from './dcache.ts'
import { pathNames } from './d-path.ts'
import { dentryOpen } from './dentry-open.ts'
import { diskQuotas } from './dquot.ts'
import { fallocation } from './fallocate.ts'
import { openFiles } from './file.ts'
import { fileAttributes } from './fileattr.ts'
import { fsContexts } from './fs-context.ts'
import { fsStructs } from './fs-struct.ts'
import { inodeLife } from './inode.ts'
import { simpleNames } from './libfs.ts'
import { lookups } from './path/lookup.ts'
import { mountPlaces } from './mount-places.ts'
import { mountIdmaps } from './mount-idmap.ts'
import { mountAttributes } from './mount-setattr.ts'
import { mountTree } from './mount-tree.ts'
import { mounting } from './mounting.ts'
import { moving } from './moving.ts'
import { openByName } from './path/open.ts'
import { pipes } from './pipe.ts'
import { fileOwners } from './owner.ts'
import { permissionChecks } from './path/permission.ts'
import { privileges } from './privs.ts'
import { removeNames } from './remove.ts'
import { renameNames } from './rename.ts'
import { readWrite } from './rw.ts'
import { specialFiles } from './special.ts'
import { fileStatus } from './stat.ts'
import { superBlocks } from './super.ts'
import { truncation } from './truncate.ts'
import { umounting } from './umounting.ts'
import { pathWalk } from './path/walk.ts'
import { writeChecks } from './write-checks.ts'
import { extendedAttributes } from './xattr.ts'

export const createVfs = (lsm: KeyMap, machine: Machine): Vfs => {
  const { creds } = machine
  const inodes = inodeLife(lsm, machine)
  const permission = permissionChecks(lsm, machine)
  const dcache = dentryCache(lsm, machine, inodes)
  const supers = superBlocks(lsm, machine, inodes, dcache)
  const mounts = mountTree(machine, inodes, supers)
  const files = openFiles(lsm, machine, creds, inodes, dcache, mounts)
  const atimes = accessTimes(machine)
  const walk = pathWalk(lsm, machine, permission, dcache, atimes)
  const lookup = lookups(lsm, machine, dcache, walk, permission)
  const checks = createChecks(machine, permission)
  const acls = posixAcls(lsm, machine, permission, inodes)
  const attr = attributeChanges(lsm, machine, permission)
  const privs = privileges(lsm, machine, permission, attr)
  const truncate = truncation(lsm, machine, permission, attr, privs)
  const dentries = dentryOpen(lsm, machine, files)
  const contexts = fsContexts(lsm, machine, creds, dcache, supers, mounts)
  const pipe = pipes(lsm, machine, inodes, dcache, files, contexts)
  const fsStruct = fsStructs(files, mounts)
  const places = mountPlaces(lsm, machine, mounts)
  const moves = moving(lsm, machine, mounts, places, fsStruct)
  const mount = mounting(lsm, machine, lookup, mounts, places, moves, contexts)
  const idmaps = mountIdmaps(lsm, machine)
  const rw = readWrite(lsm, machine, atimes)
  const remove = removeNames(lsm, machine, dcache, inodes, lookup, checks, mounts)
  return {
    ...inodes, ...permission, ...dcache, ...simpleNames(inodes, dcache), ...supers,
    ...mounts, ...files, ...atimes, ...walk, ...lookup, ...checks,
    ...attr, ...privs, ...truncate, ...dentries, ...remove,
    ...openByName(lsm, machine, permission, dcache, walk, lookup, files, dentries, checks, truncate),
    ...createNames(lsm, machine, permission, lookup, checks),
    ...renameNames(lsm, machine, permission, dcache, inodes, lookup, checks, mounts, remove),
    ...diskQuotas(lsm, machine),
    ...fallocation(lsm, machine),
    ...fileAttributes(lsm, machine, permission),
    ...writeChecks(machine, privs, inodes),
    ...acls,
    ...extendedAttributes(lsm, machine, permission, acls),
    ...rw, ...rangeCopies(machine, rw),
    ...fileStatus(lsm),
    ...contexts, ...places, ...moves, ...mount, ...umounting(lsm, machine, mounts, places, contexts),
    ...idmaps, ...mountAttributes(mounts, idmaps, mount),
    ...pipe, ...specialFiles(machine, pipe.pipefifo_fops), ...fsStruct,
    ...anonInodes(lsm, machine, inodes, files),
    ...pathNames(machine),
    ...fileOwners(lsm, machine),
  }
}
