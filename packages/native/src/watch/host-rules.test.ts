import { LANDLOCK_ACCESS_FS_READ_FILE as READ, LANDLOCK_ACCESS_FS_WRITE_FILE as WRITE } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { HostModel } from './host-rules.ts'
import { swapFlags } from './open-flags.ts'

const model = new HostModel({
  fs: READ | WRITE, net: 3, paths: new Map([['/data', READ], ['/data/out', WRITE], ['/etc/f', READ]]),
  ports: new Map([[443, 2]]),
})

test.each([
  ['/data', READ, 0, 'the folder itself'],
  ['/data/a/b', READ, 0, 'below it'],
  ['/data/a/b', WRITE, WRITE, 'another right'],
  ['/data/out/x', READ | WRITE, 0, 'rights of several rules add up'],
  ['/database', READ, READ, 'a name that begins alike'],
  ['/', READ, READ, 'above it'],
  ['/etc/f', READ, 0, 'a file'],
  ['/etc', READ, READ, 'its folder'],
  ['/x', 0x100, 0, 'a right that is not restricted'],
])('%s %i -> %i: %s', (path, rights, missing) => expect(model.missing(path, rights)).toBe(missing))

test('ports', () => expect([model.missingAtPort(443, 2), model.missingAtPort(443, 1), model.missingAtPort(80, 2)])
  .toEqual([0, 1, 2]))

test('flags of arm64 are those of x86-64 under other numbers, both ways', () => {
  // O_DIRECTORY, O_NOFOLLOW, O_DIRECT, O_LARGEFILE of asm/fcntl.h there
  for (const [there, here] of [[0o40000, 0o200000], [0o100000, 0o400000], [0o200000, 0o40000], [0o400000, 0o100000]]) {
    expect(swapFlags('arm64', there! | 0o2)).toBe(here! | 0o2)
    expect(swapFlags('arm64', here!)).toBe(there)
    expect(swapFlags('x64', there!)).toBe(there)
  }
})
