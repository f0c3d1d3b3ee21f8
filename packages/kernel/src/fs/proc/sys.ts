/** /proc/sys: settings as files, by a permission rule of their own (fs/proc/proc_sysctl.c). */
import {
  ATTR_GID, ATTR_MODE, ATTR_UID, EACCES, EINVAL, MAY_EXEC, MAY_READ, MAY_WRITE, PAGE_SIZE, S_IFMT,
  S_IFREG,
} from '@lsmkit/abi'
import { in_egroup } from '@lsmkit/core'
import type { Inode, PseudoFile as DeclaredFile } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { declaredText } from '../pseudo/declared.ts'
import type { PseudoDir, PseudoNode } from '../pseudo/nodes.ts'
import { keepsSize } from './owner.ts'
import { sysctlTable } from './sysctl-table.ts'
import type { SysctlEntry } from './sysctl-table.ts'

const decoder = new TextDecoder()
const RWX = MAY_READ | MAY_WRITE | MAY_EXEC

/** The owner and the mode of a setting cannot be changed. */
const OWNED = ATTR_MODE | ATTR_UID | ATTR_GID

/** As `proc_sys_permission`: effective ids and mode bits alone; no capability opens a setting. */
const permission = (machine: Machine) => (inode: Inode, mask: number): number => {
  if (mask & MAY_EXEC && (inode.i_mode & S_IFMT) === S_IFREG) return -EACCES
  const { cred } = machine.current.task
  let mode = inode.i_mode
  if (cred.euid === 0) mode >>= 6
  else if (in_egroup(cred, 0)) mode >>= 3
  return mask & ~mode & RWX ? -EACCES : 0
}

const settingNode = (machine: Machine, { mode, get, set }: SysctlEntry): PseudoNode => ({
  kind: 'text',
  mode,
  permission: permission(machine),
  setattr: keepsSize(machine, OWNED),
  text: () => `${get()}\n`,
  ...(set === undefined ? {} : {
    write(_io, data, pos) {
      if (pos !== 0) return -EINVAL
      // a page of it is looked at, as in Linux
      const rc = set(decoder.decode(data.subarray(0, PAGE_SIZE - 1)).replace(/\n[\s\S]*$/, ''))
      return rc < 0 ? rc : data.length
    },
  }),
})

/** A tree of names out of paths. */
interface Tree {
  readonly dirs: Map<string, Tree>
  readonly files: Map<string, PseudoNode>
}
const emptyTree = (): Tree => ({ dirs: new Map(), files: new Map() })

const addPath = (root: Tree, path: string, node: PseudoNode): void => {
  const parts = path.split('/').filter((part) => part !== '')
  const name = parts.pop()
  if (name === undefined) return
  let at = root
  for (const part of parts) {
    let below = at.dirs.get(part)
    if (below === undefined) at.dirs.set(part, (below = emptyTree()))
    at = below
  }
  at.files.set(name, node)
}

const dirOf = (machine: Machine, tree: () => Tree): PseudoDir => ({
  kind: 'dir',
  mode: 0o555,
  permission: permission(machine),
  setattr: keepsSize(machine, OWNED),
  find(name) {
    const { dirs, files } = tree()
    return files.get(name) ?? (dirs.has(name) ? dirOf(machine, () => tree().dirs.get(name) ?? emptyTree()) : null)
  },
  names() {
    const { dirs, files } = tree()
    return [...dirs.keys(), ...files.keys()]
  },
})

/** Settings that LSMs declare (`sysctl` trees): `kernel/yama/ptrace_scope`. */
const declared = (machine: Machine): DeclaredFile[] =>
  machine.stack.pseudoFs.filter((fs) => fs.type === 'sysctl').flatMap((fs) => [...fs.files()])

const settingTree = (machine: Machine): Tree => {
  const root = emptyTree()
  for (const [path, entry] of Object.entries(sysctlTable(machine)))
    addPath(root, path, settingNode(machine, entry))
  const settled = { permission: permission(machine), setattr: keepsSize(machine, OWNED) }
  for (const file of declared(machine))
    addPath(root, file.name, { ...declaredText(machine, file), writeKeepsPos: false, ...settled })
  return root
}

/** Settings are made when they are first looked up, because most programs never do it. */
export const sysDir = (machine: Machine): PseudoDir => {
  let root: Tree | undefined
  return dirOf(machine, () => (root ??= settingTree(machine)))
}
