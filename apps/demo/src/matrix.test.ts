import pc from 'picocolors'
import { expect, test } from 'vitest'
import { matrixLines } from './matrix.ts'

const ok = { errno: null, hook: null, lsm: null }

test('a hook stands below its error, and only where there is one', () => {
  const rows = [
    { title: 'read', cells: [ok, { errno: 'EACCES', hook: 'file_open', lsm: 'warden' }] },
    { title: 'write', cells: [{ errno: 'EROFS', hook: null, lsm: null }, null] },
  ]
  expect(matrixLines(['off', 'on'], rows, pc.createColors(false))).toEqual([
    '       off    on',
    'read   ok     EACCES warden',
    '              file_open',
    'write  EROFS',
  ])
})
