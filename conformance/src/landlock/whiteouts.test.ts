/** The right that making a whiteout takes, by name and by rename. It is another where erratum 4 is not mended. */
import {
  LANDLOCK_ACCESS_FS_MAKE_CHAR, LANDLOCK_ACCESS_FS_MAKE_REG, LANDLOCK_ACCESS_FS_REMOVE_FILE,
  RENAME_WHITEOUT, S_IFCHR,
} from '@lsmkit/abi'
import type { Profile } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { errnoOr } from '../kernel.ts'
import { aLayer, LandlockWorld } from './world.ts'

const REG = LANDLOCK_ACCESS_FS_MAKE_REG
const CHAR = LANDLOCK_ACCESS_FS_MAKE_CHAR
const ALL = REG | CHAR | LANDLOCK_ACCESS_FS_REMOVE_FILE

/** With everything granted but `missing`: a whiteout, another device, a rename that leaves a whiteout behind. */
const answers = (profile: Profile, missing: number): string[] => {
  const world = new LandlockWorld({}, true, profile)
  const { kernel: { sys }, subject } = world
  world.restrict(aLayer({ fs: ALL, paths: [{ access: ALL & ~missing, path: 'c' }] }))
  return [
    sys.mknod(subject, 'c/gone', S_IFCHR, 0), sys.mknod(subject, 'c/null', S_IFCHR, 0x103),
    sys.renameat2(subject, -100, 'c/h', -100, 'c/i', RENAME_WHITEOUT),
  ].map((rc) => errnoOr(rc, 'OK'))
}

test.each([
  { profile: '6.12', missing: 0, whiteout: 'OK', device: 'OK', rename: 'OK' },
  { profile: '6.12', missing: CHAR, whiteout: 'OK', device: 'EACCES', rename: 'OK' },
  { profile: '6.12', missing: REG, whiteout: 'EACCES', device: 'OK', rename: 'EACCES' },
  { profile: '6.18', missing: CHAR, whiteout: 'EACCES', device: 'EACCES', rename: 'OK' },
  { profile: '6.18', missing: REG, whiteout: 'OK', device: 'OK', rename: 'EACCES' },
  { profile: '7.3', missing: CHAR, whiteout: 'OK', device: 'EACCES', rename: 'OK' },
  { profile: '7.3', missing: REG, whiteout: 'EACCES', device: 'OK', rename: 'EACCES' },
] as const)('$profile without $missing', ({ profile, missing, whiteout, device, rename }) => {
  expect(answers(profile, missing)).toEqual([whiteout, device, rename])
})

test('a name that a rename makes takes MAKE_REG; what it leaves behind takes a right of the other directory', () => {
  const moved = (profile: Profile): string => {
    const world = new LandlockWorld({}, true, profile)
    const { kernel: { sys }, subject } = world
    const fs = REG | LANDLOCK_ACCESS_FS_REMOVE_FILE
    const refer = 0x2000
    world.restrict(aLayer({
      fs: fs | refer,
      paths: [
        { access: refer | LANDLOCK_ACCESS_FS_REMOVE_FILE, path: 'a' }, { access: fs | refer, path: 'c' },
      ],
    }))
    return errnoOr(sys.renameat2(subject, -100, 'a/f', -100, 'c/f', RENAME_WHITEOUT), 'OK')
  }
  expect((['6.12', '6.18', '7.3'] as const).map(moved)).toEqual(['EACCES', 'OK', 'EACCES'])
})
