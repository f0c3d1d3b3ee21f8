/** What copying up is made with. */
import type { Machine } from '../../machine.ts'
import type { FileCopies } from './copy-data.ts'
import type { IndexDirectory } from './index-dir.ts'
import type { OverlayInodes } from './inodes.ts'
import type { Lookups } from './lookup.ts'
import type { Origins } from './origin.ts'
import type { RealOperations } from './real.ts'
import type { UpperMarks } from './upper-marks.ts'

export interface CopyUpParts {
  readonly machine: Machine
  readonly real: RealOperations
  readonly origins: Origins
  readonly index: IndexDirectory
  readonly inodes: OverlayInodes
  readonly lookups: Lookups
  readonly marks: UpperMarks
  readonly copies: FileCopies
}
