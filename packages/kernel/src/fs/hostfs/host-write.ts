/**
 * Changes in a folder of the host. Every name is used below an open descriptor of its folder, and no symbolic link is
 * followed on the way or at the end, so what is changed lies in the folder or is the name itself. Only Linux can do
 * that.
 *
 * A link that a program makes is text in the folder: other programs of the host that follow it do so at their own risk.
 */
import {
  closeSync, constants, fchmodSync, fsyncSync, ftruncateSync, futimesSync, linkSync, mkdirSync, openSync, renameSync,
  rmdirSync, symlinkSync, unlinkSync, writeSync,
} from 'node:fs'
import { EEXIST, EINVAL, ENOENT } from '@lsmkit/abi'
import { encodeName } from '../../vfs/names.ts'
import { HostDir, isPlainName, pathBelow, rcOf } from './host-dir.ts'
import type { HostNode, HostStat } from './host-dir.ts'

const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY, O_NOFOLLOW = 0 } = constants
const PERMISSIONS = 0o777

type Found = { node: HostNode; stat: HostStat } | number

export class WritableHostDir extends HostDir {
  /** Makes a name with `act`, and answers what is there then. */
  private make(dir: HostNode, name: string, act: (path: Buffer | string) => void): Found {
    if (!isPlainName(name)) return -EINVAL
    const rc = this.below(dir, name, (path) => {
      act(path)
      return 0
    })
    return rc !== 0 ? rc : this.lookup(dir, name)
  }

  create(dir: HostNode, name: string, mode: number): Found {
    return this.make(dir, name, (path) => {
      closeSync(openSync(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, mode & PERMISSIONS))
    })
  }
  mkdir(dir: HostNode, name: string, mode: number): Found {
    return this.make(dir, name, (path) => mkdirSync(path, mode & PERMISSIONS))
  }
  symlink(dir: HostNode, name: string, target: string): Found {
    return this.make(dir, name, (path) => symlinkSync(Buffer.from(encodeName(target)), path))
  }

  private act(dir: HostNode, name: string, act: (path: Buffer | string) => void): number {
    if (!isPlainName(name)) return -EINVAL
    return this.below(dir, name, (path) => {
      act(path)
      return 0
    })
  }
  unlink(node: HostNode): number {
    return node.parent === null ? -EINVAL : this.act(node.parent, node.name, (path) => unlinkSync(path))
  }
  rmdir(node: HostNode): number {
    return node.parent === null ? -EINVAL : this.act(node.parent, node.name, (path) => rmdirSync(path))
  }

  /**
   * Two names at once: each below a descriptor of its own. The first is opened for this alone: on its deep way to the
   * second folder the walk may give back those that are kept, and then their numbers mean other folders.
   */
  private both(
    a: HostNode, dir: HostNode, name: string, act: (from: Buffer | string, to: Buffer | string) => void,
  ): number {
    const { parent } = a
    if (parent === null || !isPlainName(name)) return -EINVAL
    const fd = this.folderOfOwn(parent)
    if (fd < 0) return fd
    try {
      return this.act(dir, name, (to) => act(pathBelow(fd, a.name), to))
    } finally {
      this.close(fd)
    }
  }
  link(node: HostNode, dir: HostNode, name: string): number {
    return this.both(node, dir, name, (from, to) => linkSync(from, to))
  }
  /** The host replaces what is there, unless `keep`; then the check and the change are two steps. */
  rename(node: HostNode, dir: HostNode, name: string, keep: boolean): number {
    if (keep) {
      const there = this.lookup(dir, name)
      if (there !== -ENOENT) return typeof there === 'number' ? there : -EEXIST
    }
    const rc = this.both(node, dir, name, (from, to) => renameSync(from, to))
    if (rc !== 0) return rc
    node.parent = dir
    node.name = name
    return 0
  }

  /** Does `act` with a descriptor that was opened for it; -errno stands for one that could not be. */
  private using(fd: number, act: (fd: number) => void): number {
    if (fd < 0) return fd
    try {
      act(fd)
      return 0
    } catch (error) {
      return rcOf(error)
    } finally {
      this.close(fd)
    }
  }
  truncate(node: HostNode, size: number): number {
    return this.using(this.open(node, O_WRONLY), (fd) => ftruncateSync(fd, size))
  }
  /** By a descriptor that is open for writing. */
  resize(fd: number, size: number): number {
    try {
      ftruncateSync(fd, size)
      return 0
    } catch (error) {
      return rcOf(error)
    }
  }

  /** Mode and times of a file or folder; -errno. */
  private onNode(node: HostNode, act: (fd: number) => void): number {
    return this.using(node.kind === 'file' ? this.open(node, constants.O_RDONLY) : this.openFolder(node), act)
  }
  chmod(node: HostNode, mode: number): number {
    return this.onNode(node, (fd) => fchmodSync(fd, mode & PERMISSIONS))
  }
  /** Seconds, with fractions. */
  utimes(node: HostNode, atime: number, mtime: number): number {
    return this.onNode(node, (fd) => futimesSync(fd, atime, mtime))
  }

  write(fd: number, buf: Uint8Array, off: number, len: number, pos: number): number {
    try {
      return writeSync(fd, buf, off, len, pos)
    } catch (error) {
      return rcOf(error)
    }
  }
  fsync(fd: number): number {
    try {
      fsyncSync(fd)
      return 0
    } catch (error) {
      return rcOf(error)
    }
  }
}
