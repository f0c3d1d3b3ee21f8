/** A spool in a folder of the host. */
import { checkOptions } from '@lsmkit/core/option-rules'
import { FolderDisk } from './spool-disk.ts'
import { spoolRules } from './options.ts'
import type { SpoolOptions } from './options.ts'
import { Spool } from './spool.ts'

/**
 * Opens the spool of a folder, which one process uses at a time, and takes up what an earlier one has left. Throws
 * OptionError, and errors of the disk.
 */
export const openSpool = async (folder: string, options: SpoolOptions = {}): Promise<Spool> => {
  checkOptions(options, spoolRules, 'openSpool')
  return Spool.open(new FolderDisk(folder), options)
}
