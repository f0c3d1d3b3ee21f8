/** The folder of what was written to load policy, in `policy/raw_data` (`__aa_fs_create_rawdata`). */
import { EACCES } from '@lsmkit/abi'
import type { PseudoFolder } from '@lsmkit/core'
import type { RawData } from '../domain/raw-data.ts'
import { currentLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { mayViewPolicy } from './admin.ts'
import { fixedFolder, textFile } from './folders.ts'

export const rawDataFolder = (aa: Apparmor, raw: RawData): PseudoFolder => {
  const { id, abi, bytes, sha256 } = raw
  return fixedFolder(`${id}`, [
    textFile('abi', () => `v${abi}\n`),
    textFile('revision', () => `${raw.revision}\n`),
    ...(sha256 === null ? [] : [textFile('sha256', () => `${sha256.hex}\n`)]),
    // nothing is compressed here, as in a kernel with rawdata_compression_level=0
    textFile('compressed_size', () => `${bytes.length}\n`),
    {
      ...textFile('raw_data', () => bytes),
      size: bytes.length,
      open: () => (mayViewPolicy(aa, currentLabel(aa), null) ? 0 : -EACCES),
    },
  ])
}
