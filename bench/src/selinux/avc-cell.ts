/** Checks that the access vector cache answers from what it remembers; the server behind it grants all. */
import { Avc } from '@lsmkit/selinux/avc'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'

export interface AvcArgs {
  readonly keys: number
}

const CHECKS = 20_000
const FILE = 6
const READ = 2

export const cell = ({ keys }: AvcArgs): Cell => {
  const avc = new Avc(
    {
      computeAv(_ssid, _tsid, _tclass, out) {
        out.allowed = -1
        out.auditallow = 0
        out.auditdeny = -1
        out.flags = 0
      },
      computeXperms() {},
    },
    () => {},
    true,
  )
  const pass = timedPass(CHECKS, (count) => {
    let denied = 0
    for (let i = 0, at = 1; i < count; i++) {
      denied |= avc.hasPerm(at, keys + 1, FILE, READ, 'nothing', null)
      if (++at > keys) at = 1
    }
    return denied
  })
  return { pass }
}
