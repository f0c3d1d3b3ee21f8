import pc from 'picocolors'
import { expect, test } from 'vitest'
import { matrixPages } from './matrix.ts'

const ok = { errno: null, hook: null, lsm: null }

const rows = [
  { title: 'read', cells: [ok, { errno: 'EACCES', hook: 'file_open', lsm: 'warden' }] },
  { title: 'write', cells: [{ errno: 'EROFS', hook: null, lsm: null }, null] },
]
const pages = (width: number) => matrixPages(['off', 'on'], rows, width, pc.createColors(false))

test('a hook stands below its error, and only where there is one', () => {
  expect(pages(27)).toEqual([[
    '       off    on',
    'read   ok     EACCES warden',
    '              file_open',
    'write  EROFS',
  ]])
})

test('one column too few makes two pages, without rows that have nothing to tell', () => {
  expect(pages(26)).toEqual([
    ['       off', 'read   ok', 'write  EROFS'],
    ['       on', 'read   EACCES warden', '       file_open'],
  ])
})
