/** Who tries what is tried. */
import { CAP_DAC_READ_SEARCH, capSetOf } from '@lsmkit/abi'
import type { Subject } from '@lsmkit/cli'
import { VISITOR_UID } from './system.ts'

export interface TourSubject {
  readonly id: 'root' | 'backup' | 'visitor'
  readonly title: string
  readonly as: Subject
}

export const subjects: readonly TourSubject[] = [
  { id: 'root', title: 'root, every capability', as: { uid: 0 } },
  {
    id: 'backup',
    title: `uid ${VISITOR_UID} with CAP_DAC_READ_SEARCH`,
    as: { uid: VISITOR_UID, caps: capSetOf(CAP_DAC_READ_SEARCH) },
  },
  { id: 'visitor', title: `uid ${VISITOR_UID}, no capability`, as: { uid: VISITOR_UID } },
]
