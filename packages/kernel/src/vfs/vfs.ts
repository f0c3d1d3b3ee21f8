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
  const mounts = mountTree(machine)
  const files = openFiles(lsm, machine, creds, inodes, dcache, mounts)
  const atimes = accessTimes(machine)
  const walk = pathWalk(lsm, machine, permission, dcache, atimes)
  const lookup = lookups(lsm, machine, dcache, walk, permission)
  const checks = createChecks(machine, permission)
  const acls = posixAcls(machine)
  const attr = attributeChanges(lsm, machine, permission)
  const privs = privileges(lsm, machine, permission, attr)
  const truncate = truncation(lsm, machine, permission, attr, privs)
  const dentries = dentryOpen(lsm, machine, files)
  const contexts = fsContexts(machine)
  const pipe = pipes(lsm, machine, inodes, dcache, files, contexts)
  const fsStruct = fsStructs(files, mounts)
  const places = mountPlaces(machine)
  const moves = moving(machine)
  const mount = mounting(machine)
  const idmaps = mountIdmaps(machine)
  const rw = readWrite(lsm, machine, atimes)
  const remove = removeNames(lsm, machine, dcache, inodes, lookup, checks, mounts)
  return {
    ...inodes, ...permission, ...dcache, ...simpleNames(inodes, dcache), ...supers,
    ...mounts, ...files, ...atimes, ...walk, ...lookup, ...checks,
    ...attr, ...privs, ...truncate, ...dentries, ...remove,
    ...openByName(lsm, machine, permission, dcache, walk, lookup, files, dentries, checks, truncate),
    ...createNames(lsm, machine, permission, lookup, checks),
    ...renameNames(lsm, machine, permission, dcache, inodes, lookup, checks, mounts, remove),
    ...diskQuotas(machine),
    ...fallocation(lsm, machine),
    ...fileAttributes(lsm, machine, permission),
    ...writeChecks(machine, privs, inodes),
    ...acls,
    ...extendedAttributes(machine),
    ...rw, ...rangeCopies(machine),
    ...fileStatus(lsm),
    ...contexts, ...places, ...moves, ...mount, ...umounting(machine),
    ...idmaps, ...mountAttributes(mounts, idmaps, mount),
    ...pipe, ...specialFiles(machine, pipe.pipefifo_fops), ...fsStruct,
    ...anonInodes(lsm, machine, inodes, files),
    ...pathNames(machine),
    ...fileOwners(lsm, machine),
  }
}
