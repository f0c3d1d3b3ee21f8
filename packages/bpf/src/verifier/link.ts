/** Places of linked scalars: a register or a stack slot of a frame, as one number. */

const SLOT = 0x80
const NUMBER = 0x7f

export const registerLink = (frame: number, register: number): number => (frame << 8) | register
export const slotLink = (frame: number, slot: number): number => (frame << 8) | SLOT | slot

export const frameOfLink = (link: number): number => link >> 8
export const isSlotLink = (link: number): boolean => (link & SLOT) !== 0
/** Of the register or slot, within its frame. */
export const numberOfLink = (link: number): number => link & NUMBER
