/** The programs of the hook cells, by where our kernel's structs have their fields; and those structs for a rival. */
import { kernelStructs } from '@lsmkit/bpf/vmlinux'

const offsetOf = (struct: string, field: string): number => kernelStructs()[struct]!.fields[field]!.offset

const f_mode = offsetOf('file', 'f_mode')
const f_flags = offsetOf('file', 'f_flags')
const f_inode = offsetOf('file', 'f_inode')
const i_mode = offsetOf('inode', 'i_mode')
const i_sb = offsetOf('inode', 'i_sb')
const s_magic = offsetOf('super_block', 's_magic')

/** Twenty instructions as a policy has them: two pointers followed, a map asked, flags tested, an answer. */
export const policy = `r6 = *(u64 *)(r1 +0)
r2 = *(u32 *)(r6 +${f_mode})
r2 &= 2
if r2 == 0 goto allow
r3 = *(u64 *)(r6 +${f_inode})
r4 = *(u16 *)(r3 +${i_mode})
r4 &= 511
*(u32 *)(r10 -4) = r4
r3 = *(u64 *)(r3 +${i_sb})
r7 = *(u64 *)(r3 +${s_magic})
r1 = map[0]
r2 = r10
r2 += -4
call bpf_map_lookup_elem
if r0 == 0 goto allow
r1 = *(u64 *)(r0 +0)
if r1 == r7 goto deny
allow:
r0 = 0
exit
deny:
r0 = -1
exit`

/** Four fields over two hops. */
export const fields = `r6 = *(u64 *)(r1 +0)
r0 = *(u32 *)(r6 +${f_flags})
r2 = *(u64 *)(r6 +${f_inode})
r3 = *(u16 *)(r2 +${i_mode})
r0 += r3
r3 = *(u64 *)(r2 +${i_sb})
r4 = *(u64 *)(r3 +${s_magic})
r0 += r4
if r0 == 12345678 goto no
r0 = 0
exit
no:
r0 = -1
exit`

/** The state of the file of the hook cells: open for writing, a regular file that nobody executes, on a tmpfs. */
export const FILE = { f_mode: 2, f_flags: 1, i_mode: 0o100644, s_magic: 0x0102_1994 } as const

/** A context with its file, inode and file system, and the places of pointers, which count from its start. */
export const policyMemory = (): { readonly memory: Uint8Array; readonly pointers: readonly number[] } => {
  const [file, inode, superBlock] = [64, 1024, 4096]
  const memory = new Uint8Array(8192)
  const view = new DataView(memory.buffer)
  view.setUint32(0, file, true)
  view.setUint32(file + f_mode, FILE.f_mode, true)
  view.setUint32(file + f_inode, inode, true)
  view.setUint16(inode + i_mode, FILE.i_mode, true)
  view.setUint32(inode + i_sb, superBlock, true)
  view.setUint32(superBlock + s_magic, FILE.s_magic, true)
  return { memory, pointers: [0, file + f_inode, inode + i_sb] }
}
