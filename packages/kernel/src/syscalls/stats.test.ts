/** statx(2): what is told only when asked, and which attributes a file could have. */
import {
  AT_FDCWD, STATX_ALL, STATX_ATTR_APPEND, STATX_ATTR_AUTOMOUNT, STATX_ATTR_DAX, STATX_ATTR_IMMUTABLE,
  STATX_ATTR_MOUNT_ROOT, STATX_ATTR_NODUMP, STATX_ATTR_VERITY, STATX_BASIC_STATS, STATX_BTIME, STATX_MNT_ID,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

const ANYWHERE = STATX_ATTR_AUTOMOUNT | STATX_ATTR_DAX | STATX_ATTR_VERITY | STATX_ATTR_MOUNT_ROOT
const FLAGS = STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE | STATX_ATTR_NODUMP

test.each([
  ['/tmp', 0, STATX_BASIC_STATS | STATX_MNT_ID, ANYWHERE | FLAGS],
  ['/tmp', STATX_BTIME, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, ANYWHERE | FLAGS],
  ['/proc/version', STATX_ALL, STATX_BASIC_STATS | STATX_MNT_ID, ANYWHERE],
])('%s asked for %i', (path, mask, told, attributes) => {
  const { sys, init } = bootForTest()
  const stat = new Kstat()
  expect(sys.statx(init, AT_FDCWD, path, 0, mask, stat)).toBe(0)
  expect([stat.result_mask, stat.attributes_mask, stat.btime_sec !== 0])
    .toEqual([told, attributes, (told & STATX_BTIME) !== 0])
})
