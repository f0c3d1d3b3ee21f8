/** The subjects of the attempts. */
import { CAP_DAC_READ_SEARCH, capSetOf } from '@lsmkit/abi'
import type { Subject } from '@lsmkit/cli'
import { VISITOR_UID } from './tree.ts'

export interface TourSubject {
  readonly id: 'root' | 'backup' | 'visitor'
  readonly title: string
  readonly as: Subject
}

export const subjects: readonly TourSubject[] = [
  { id: 'root', title: 'root with every capability', as: { uid: 0 } },
  {
    id: 'backup',
    title: `backup, uid ${VISITOR_UID} with CAP_DAC_READ_SEARCH`,
    as: { uid: VISITOR_UID, caps: capSetOf(CAP_DAC_READ_SEARCH) },
  },
  { id: 'visitor', title: `visitor, uid ${VISITOR_UID} without capabilities`, as: { uid: VISITOR_UID } },
]
