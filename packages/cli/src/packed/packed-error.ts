/** A packed file that is not unpacked: it is damaged, or more would come out of it than anybody meant. */
import { LsmkitError } from '@lsmkit/core'

export class PackedError extends LsmkitError<'damaged' | 'too-large'> {}

export const damaged = (what: string): PackedError => new PackedError('damaged', `the file is damaged: ${what}`)
