/** Modes of files as calls take them. */

/** The lower 16 bits: `umode_t` has no others. */
export const umode = (mode: number): number => mode & 0xffff
