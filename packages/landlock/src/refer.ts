/**
 * Links and renames that give a file another directory. Both directories must allow it, by REFER beside the rights to
 * make and to remove; and what is moved may not gain a right: whatever a layer refuses of it where it is must be
 * refused by that layer where it goes (current_check_refer_path and what it calls).
 *
 * It is not remembered: each question is about a change of the tree.
 */
import { LANDLOCK_ACCESS_FS_REFER, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import type { Dentry, VfsMount } from '@lsmkit/core'
import type { Domain } from './domain.ts'
import { ACCESS_FILE, FS_RIGHTS } from './rights.ts'
import { above, isBeyondRules } from './walk.ts'
import type { InodeBlob, Place } from './walk.ts'

/** A file that gets another directory, or two that change places. */
export interface Move {
  readonly mnt: VfsMount
  readonly from: Dentry
  readonly fromDir: Dentry
  readonly toDir: Dentry
  /** The file that comes to the place of `from`; null unless they are exchanged. */
  readonly exchanged: Dentry | null
  /** Rights that are asked of either directory, REFER among them. */
  readonly fromRequest: number
  readonly toRequest: number
}

/** The result for one side: the layers that still refuse, by right, and the rights it asked for last. */
export interface SideLeft {
  readonly layers: Int32Array
  readonly wanted: number
  readonly allowed: boolean
}

/** Why not. */
export interface Refused {
  readonly from: SideLeft
  readonly to: SideLeft
  /** Some right beside REFER is missing: -EACCES, else -EXDEV. */
  readonly isForbidden: boolean
}

/** One side of the question. */
interface Side extends SideLeft {
  readonly request: number
  /** What has to be granted: everything handled while gains are looked for, then the request. */
  wanted: number
  allowed: boolean
  /** What goes to the other side: its own refusals, and whether it is a directory. Null: nothing does. */
  readonly child: Int32Array | null
  readonly childIsDir: boolean
}

const isDir = ({ d_inode }: Dentry): boolean => d_inode !== null && (d_inode.i_mode & S_IFMT) === S_IFDIR

/** Whether some layer refuses one of these rights. */
export const anyOf = (layers: Int32Array, request: number): boolean => {
  for (let bit = 0; bit < FS_RIGHTS; bit++) if ((request & (1 << bit)) !== 0 && layers[bit] !== 0) return true
  return false
}

/** As `scope_to_request`: what is not asked for is forgotten; true when nothing is left. */
const narrow = (layers: Int32Array, request: number): boolean => {
  for (let bit = 0; bit < FS_RIGHTS; bit++) if ((request & (1 << bit)) === 0) layers[bit] = 0
  return !anyOf(layers, request)
}

/** What leaves `from` for `to` may not be refused less there. */
const gainsNothing = (from: Side, to: Side): boolean => {
  if (from.child === null) return true
  for (let bit = 0; bit < FS_RIGHTS; bit++) {
    if (!from.childIsDir && (ACCESS_FILE & (1 << bit)) === 0) continue
    if ((from.layers[bit]! & from.child[bit]! & ~to.layers[bit]!) !== 0) return false
  }
  return true
}

/** Null: allowed. */
export const checkMove = (inodes: InodeBlob, domain: Domain, move: Move): Refused | null => {
  const handled = domain.all.fs | LANDLOCK_ACCESS_FS_REFER

  /** As `landlock_unmask_layers`: whether a rule on the inode was the last that was needed. */
  const grant = (dentry: Dentry, layers: Int32Array, wanted: number): boolean => {
    if (wanted === 0) return true
    if (dentry.d_inode === null || !domain.names(inodes(dentry.d_inode))) return false
    domain.grantInto(layers, inodes(dentry.d_inode), wanted)
    return !anyOf(layers, wanted)
  }

  /** As `collect_domain_accesses`: up to the root of the mount; true when everything is granted. */
  const collect = (dir: Dentry): { readonly layers: Int32Array; readonly all: boolean } => {
    if (isBeyondRules(dir)) return { layers: new Int32Array(FS_RIGHTS), all: true }
    const layers = domain.initial.layers.slice()
    for (let at = dir; ; at = at.d_parent!) {
      if (grant(at, layers, handled)) return { layers, all: true }
      if (at === move.mnt.mnt_root || at.d_parent === null) return { layers, all: false }
    }
  }

  const sideOf = (layers: Int32Array, request: number, child: Dentry | null): Side => {
    const own = child === null ? null : domain.initial.layers.slice()
    if (own !== null) grant(child!, own, handled)
    return {
      layers, request, wanted: handled, allowed: false, child: own, childIsDir: child !== null && isDir(child),
    }
  }

  const source = collect(move.fromDir)
  const target = collect(move.toDir)
  if (source.all && target.all) return null
  const root: Place = { mnt: move.mnt, dentry: move.mnt.mnt_root }
  if (isBeyondRules(root.dentry)) return null
  const from = sideOf(source.layers, move.fromRequest, move.from)
  const to = sideOf(target.layers, move.toRequest, move.exchanged)

  let looksForGains = true
  for (let at: Place | 'top' | 'internal' = root; ; at = above(at)) {
    if (at === 'internal') return null
    if (at === 'top') break
    if (looksForGains && gainsNothing(from, to) && gainsNothing(to, from)) {
      looksForGains = false
      for (const side of [from, to]) {
        side.wanted = side.request
        side.allowed ||= narrow(side.layers, side.request)
      }
      if (from.allowed && to.allowed) return null
    }
    for (const side of [from, to]) side.allowed ||= grant(at.dentry, side.layers, side.wanted)
    if (from.allowed && to.allowed) return null
  }
  const beside = ~LANDLOCK_ACCESS_FS_REFER
  const isForbidden = anyOf(from.layers, from.request & beside) || anyOf(to.layers, to.request & beside)
  return { from, to, isForbidden }
}
