/** The functions that read blobs: a literal for each kind of object and slot. */
import { BLOB_SPACES } from '../src/blobs/place-blobs.ts'
import { ALONE, SLOT_COUNT } from '../src/blobs/security.ts'

export const blobReaders = (): string => {
  const slots = Array.from({ length: SLOT_COUNT }, (_, slot) => slot)
  const rows = BLOB_SPACES.map((space) => {
    const literals = slots.map((slot) => `    () => (o) => (o.security as SecuritySlots).s${slot},\n`)
    literals[ALONE] = '    () => (o) => o.security,\n'
    return `  ${space}: [\n${literals.join('')}  ],\n`
  })
  return `/**
 * What reads each slot, by kind of object, and behind the slots what reads state that is alone. Literals, for V8
 * remembers the shapes that went through a function by where its text stands, and a reader that all kinds shared would
 * have to tell them apart at each read. Each call makes a fresh function. Written by scripts/generate-dispatch.ts.
 */
import type { BlobSpace } from '../blobs/place-blobs.ts'
import type { Reader, SecuritySlots } from '../blobs/security.ts'

export const READERS: Readonly<Record<BlobSpace, readonly (() => Reader)[]>> = {
${rows.join('')}}
`
}
