/**
 * Labels of BPF objects, and what a descriptor of one may be used for. In 6.12 these have no composite blob: a module
 * keeps a pointer of its own, here a weak table.
 */
import { FMODE_READ, FMODE_WRITE } from '@lsmkit/abi'
import { AV } from './class-map.ts'

const maps = new WeakMap<object, number>()
const programs = new WeakMap<object, number>()
const tokens = new WeakMap<object, number>()
export const bpfSids = { maps, programs, tokens } as const

/** As `bpf_map_fmode_to_av`. */
export const mapPerms = (mode: number): number =>
  ((mode & FMODE_READ) !== 0 ? AV.bpf.map_read : 0) | ((mode & FMODE_WRITE) !== 0 ? AV.bpf.map_write : 0)

/** The permission for passing a descriptor of `object`; null for anything other than a BPF object. */
export const bpfFilePerm = (object: object, mode: number): { sid: number; perm: number } | null => {
  const map = maps.get(object)
  if (map !== undefined) return { sid: map, perm: mapPerms(mode) }
  const program = programs.get(object)
  return program === undefined ? null : { sid: program, perm: AV.bpf.prog_run }
}
