/** The timed acts. */

/** A program's acts on files. Each goes by a number below FILES, and throws when it does not come off. */
export interface Files {
  stat(i: number): void
  /** Opens, reads 64 bytes, closes. */
  read(i: number): void
  /** Writes 64 bytes into a file that is open. */
  write(): void
  /** Makes a file of no length and removes it. */
  create(i: number): void
}

export const ACTS = ['stat', 'read', 'write', 'create'] as const satisfies readonly (keyof Files)[]

export const titles: Readonly<Record<(typeof ACTS)[number], string>> =
  { stat: 'stat', read: 'open, read, close', write: 'pwrite', create: 'create, close, unlink' }
