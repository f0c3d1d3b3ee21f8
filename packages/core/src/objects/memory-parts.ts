/** Parts of objects that are changed in place, where they lie in memory. */
import type { CapSet, CapWords } from '@lsmkit/abi'
import type { Dentry, Path, Qstr } from './fs.ts'
import type { LinearMemory, MemoryObject } from './linear-memory.ts'

/** A capability set whose two words are in memory, so that raising one there is seen by everybody. */
export class MemoryCapSet implements CapSet {
  private readonly memory: LinearMemory
  private readonly addr: number

  constructor(owner: MemoryObject, offset: number) {
    this.memory = owner.memory
    this.addr = owner.addr + offset
  }

  get lo(): number {
    return this.memory.view.getInt32(this.addr, true)
  }

  set lo(value: number) {
    this.memory.view.setInt32(this.addr, value, true)
  }

  get hi(): number {
    return this.memory.view.getInt32(this.addr + 4, true)
  }

  set hi(value: number) {
    this.memory.view.setInt32(this.addr + 4, value, true)
  }
}

export const writeCaps = (memory: LinearMemory, at: number, { lo, hi }: CapWords): void => {
  memory.view.setInt32(at, lo, true)
  memory.view.setInt32(at + 4, hi, true)
}

/** A file has no path yet while it is being made. */
export const writePath = (memory: LinearMemory, at: number, path: Path | null): void => {
  memory.writePointer(at, path?.mnt ?? null)
  memory.writePointer(at + 8, path?.dentry ?? null)
}

/** hash (0: nobody hashes), length in bytes, pointer to the NUL-terminated name. */
export const writeQstr = (memory: LinearMemory, at: number, { name }: Qstr, owner: Dentry): void => {
  const bytes = new TextEncoder().encode(name)
  const text = memory.alloc(bytes.length + 1, owner)
  new Uint8Array(memory.view.buffer, text, bytes.length).set(bytes)
  memory.view.setUint32(at, 0, true)
  memory.view.setUint32(at + 4, bytes.length, true)
  memory.view.setUint32(at + 8, text, true)
  memory.view.setUint32(at + 12, 0, true)
}
