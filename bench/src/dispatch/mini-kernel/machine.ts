/** The kernel that is measured: in-memory files behind a system call table, with hooks where Linux has them. */

export class MiniInode {
  i_mode: number
  i_uid = 0
  i_gid = 0
  i_flags = 0
  i_size: number
  i_ino: number
  data: Uint8Array
  security = null
  constructor(mode: number, ino: number, data: Uint8Array) {
    this.i_mode = mode
    this.i_ino = ino
    this.data = data
    this.i_size = data.length
  }
}

export class MiniDentry {
  readonly d_name: string
  readonly d_inode: MiniInode
  readonly children = new Map<string, MiniDentry>()
  /** Itself: hooks that take a path find the dentry in it. */
  readonly dentry: MiniDentry = this
  constructor(name: string, inode: MiniInode) {
    this.d_name = name
    this.d_inode = inode
  }
}

export interface MiniOperations {
  read(file: MiniFile, buf: Uint8Array, count: number): number
}

export class MiniFile {
  f_mode: number
  f_flags = 0
  f_pos = 0
  f_inode: MiniInode
  f_path: { dentry: MiniDentry }
  f_op: MiniOperations
  security = null
  constructor(mode: number, path: { dentry: MiniDentry }, op: MiniOperations) {
    this.f_mode = mode
    this.f_path = path
    this.f_inode = path.dentry.d_inode
    this.f_op = op
  }
}

/** One word a call, straight-line: what is measured is the way to the file, not the copying. */
const memory: MiniOperations = {
  read(file, buf, count) {
    const { data } = file.f_inode
    const pos = file.f_pos
    buf[0] = data[pos]!
    file.f_pos = (pos + count) & 15
    return count
  },
}

const zero: MiniOperations = {
  read(_file, buf, count) {
    buf[0] = 0
    return count
  },
}

export class MiniMachine {
  readonly root = new MiniDentry('/', new MiniInode(0o40755, 1, new Uint8Array(0)))
  readonly fds: (MiniFile | undefined)[] = []
  readonly operations = [memory, zero]
  #inodes = 1

  /** Makes the file and the folders above it. */
  make(path: readonly string[], size: number): void {
    let at = this.root
    for (const [i, name] of path.entries()) {
      const last = i === path.length - 1
      let next = at.children.get(name)
      if (next === undefined) {
        next = new MiniDentry(
          name,
          new MiniInode(last ? 0o100644 : 0o40755, ++this.#inodes, new Uint8Array(last ? size : 0)),
        )
        at.children.set(name, next)
      }
      at = next
    }
  }

  install(file: MiniFile): number {
    let fd = 0
    while (this.fds[fd] !== undefined) fd++
    this.fds[fd] = file
    return fd
  }
}
