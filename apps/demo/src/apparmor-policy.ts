/** AppArmor's part of the tour's machine: the profile of whoever executes one of its scripts and C programs. */
import { apparmor } from '@lsmkit/apparmor/text'
import type { Lsm } from '@lsmkit/core'

/**
 * A guest reads the system, keeps notes at home and in /tmp, and runs Ruby. Everything else is denied: secrets,
 * programs of the system, other processes, capabilities but those that pass mode bits.
 */
export const guestProfile = `
profile guest /{srv/tour,opt/programs}/** {
  /srv/tour/** mrix,
  /opt/programs/** mrix,
  /usr/bin/ruby mrix,
  /{,**} r,
  /proc/@{self}/** rw,
  owner /home/** rw,
  owner /tmp/** rw,
  /dev/** rw,
  audit deny /etc/shadow rw,

  capability dac_override,
  capability dac_read_search,
  network unix,
  network inet stream,
  network inet6 stream,
  signal peer=guest,
  signal receive peer=unconfined,
}
`

export const tourApparmor = (): Lsm => apparmor({ profiles: `@{self}={[1-9]*,self}\n${guestProfile}` })
