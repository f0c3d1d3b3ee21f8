/** Counts users of maps, programs, links, types and tokens, and frees those without any (kernel/bpf/syscall.c). */
import { BPF_MAP_TYPE_PROG_ARRAY, hexText } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { KernelProg } from '../state/bpf/objects.ts'
import type { KernelBtf, KernelLink, KernelMap, KernelToken } from '../state/bpf/objects.ts'

export const put_btf = (machine: Machine, btf: KernelBtf | null): void => {
  if (btf !== null && --btf.refs === 0) machine.bpfTable.btfs.remove(btf)
}

export const put_token = (machine: Machine, token: KernelToken | null): void => {
  if (token !== null && --token.refs === 0) machine.callRcu(() => machine.lsm.bpf_token_free.tell(token))
}

/** Puts the object that an element held. */
export const release = (machine: Machine, held: KernelMap | KernelProg): void => {
  if (held instanceof KernelProg) put_prog(machine, held)
  else put_map(machine, held)
}

/** The element of that key holds `next` from now on. */
export const hold = (machine: Machine, map: KernelMap, key: Uint8Array, next: KernelMap | KernelProg | null): void => {
  const name = hexText(key)
  const before = map.held.get(name)
  if (next === null) map.held.delete(name)
  else {
    next.refs++
    map.held.set(name, next)
  }
  if (before !== undefined) release(machine, before)
}

/** The last user frees the map: its number at once, the rest after the call. */
export const put_map = (machine: Machine, map: KernelMap): void => {
  if (--map.refs !== 0) return
  machine.bpfTable.maps.remove(map)
  machine.callRcu(() => {
    machine.lsm.bpf_map_free.tell(map)
    for (const held of map.held.values()) release(machine, held)
    map.engine.free()
    map.memory.release()
    put_btf(machine, map.btf)
  })
}

/** A PROG_ARRAY is emptied with its last descriptor or name, because it and its programs may hold each other. */
export const put_map_with_uref = (machine: Machine, map: KernelMap): void => {
  if (--map.userRefs === 0 && map.map_type === BPF_MAP_TYPE_PROG_ARRAY) clearPrograms(machine, map)
  put_map(machine, map)
}

const clearPrograms = (machine: Machine, map: KernelMap): void => {
  for (const [key, held] of [...map.held]) {
    map.held.delete(key)
    map.engine.delete(Uint8Array.from(key.match(/../g) ?? [], (byte) => parseInt(byte, 16)))
    release(machine, held)
  }
}

/** Gives back what the program has taken. */
export const free_prog = (machine: Machine, prog: KernelProg): void => {
  machine.lsm.bpf_prog_free.tell(prog)
  for (const map of prog.maps) put_map(machine, map)
  put_btf(machine, prog.btf)
  put_token(machine, prog.token)
  prog.memory?.release()
}

export const put_prog = (machine: Machine, prog: KernelProg): void => {
  if (--prog.refs !== 0) return
  machine.bpfTable.progs.remove(prog)
  machine.callRcu(() => {
    free_prog(machine, prog)
    prog.engine.free()
  })
}

export const put_link = (machine: Machine, link: KernelLink): void => {
  if (--link.refs !== 0) return
  machine.bpfTable.links.remove(link)
  link.engine.detach()
  put_prog(machine, link.prog)
}
