/** Relations between constants that a wrong digit would break. */
import { expect, test } from 'vitest'
import * as abi from './index.ts'

const named = (pattern: RegExp) =>
  Object.entries(abi)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .filter(([name]) => pattern.test(name))

test.each([
  ['MAY_', /^MAY_/, 0],
  ['i_flags', /^S_(?!I[SFRWXA][A-Z]|DT$)/, 0],
  ['ia_valid', /^ATTR_/, 0],
  ['Landlock file rights', /^LANDLOCK_ACCESS_FS_/, 0],
  ['task flags', /^PF_[A-Z_]{2,}$/, 0],
  ['superblock flags', /^SB_(?!I_)/, 0],
  ['clone flags', /^CLONE_(?!ARGS|CLEAR|INTO)/, 7],
  ['mapping flags', /^MAP_(?!SHARED|PRIVATE|TYPE|FILE)/, 3],
])('%s are single bits, each used once', (_, pattern, lowest) => {
  const bits = named(pattern).map(([, value]) => value)
  expect(bits.length).toBeGreaterThan(7)
  for (const bit of bits) {
    expect(Number.isInteger(Math.log2(bit))).toBe(true)
    expect(Math.log2(bit)).toBeGreaterThanOrEqual(lowest)
  }
  expect(new Set(bits).size).toBe(bits.length)
})

test('a secure bit is the mask of its number, and its lock is the next bit', () => {
  const masks = named(/^SECURE_(?!ALL)/).map(([name, bit]) => [name.replace('SECURE_', 'SECBIT_'), 1 << bit])
  expect(masks).toHaveLength(8)
  expect(named(/^SECBIT_/)).toEqual(masks)
  expect(abi.SECURE_ALL_LOCKS).toBe(abi.SECURE_ALL_BITS << 1)
})

test('mount(2) flags and superblock flags of the same name agree', () => {
  const mount = Object.fromEntries(named(/^MS_/))
  const shared = named(/^SB_(?!I_)/).filter(([name]) => name.replace('SB_', 'MS_') in mount)
  expect(shared.length).toBeGreaterThan(15)
  expect(shared.map(([name]) => [name, mount[name.replace('SB_', 'MS_')]])).toEqual(shared)
})

test('kernel files are told apart by the same ids whether read or loaded', () => {
  expect(named(/^READING_/).map(([name, id]) => [name.replace('READING_', ''), id])).toEqual(
    named(/^LOADING_/).map(([name, id]) => [name.replace('LOADING_', ''), id]),
  )
})

test('key permissions are one byte for each of four kinds of holder', () => {
  const shifts = { POS: 24, USR: 16, GRP: 8, OTH: 0 }
  for (const [who, shift] of Object.entries(shifts)) {
    const all = named(new RegExp(`^KEY_${who}_(?!ALL)`)).reduce((mask, [, bit]) => mask | bit, 0)
    expect(all).toBe(0x3f << shift)
    expect(named(new RegExp(`^KEY_${who}_ALL$`))[0]?.[1]).toBe(0x3f << shift)
  }
})

test('names of extended attributes are prefix and suffix', () => {
  expect(abi.XATTR_NAME_CAPS).toBe(abi.XATTR_SECURITY_PREFIX + abi.XATTR_CAPS_SUFFIX)
  expect(abi.XATTR_NAME_SELINUX).toBe(abi.XATTR_SECURITY_PREFIX + abi.XATTR_SELINUX_SUFFIX)
  expect(abi.XATTR_NAME_SMACKTRANSMUTE).toBe(abi.XATTR_SECURITY_PREFIX + abi.XATTR_SMACK_TRANSMUTE)
  expect(abi.XATTR_NAME_POSIX_ACL_DEFAULT).toBe(abi.XATTR_SYSTEM_PREFIX + abi.XATTR_POSIX_ACL_DEFAULT)
})

test('masks are unsigned, so no flag above bit 30 is negative', () => {
  const ids = /^(AT_FDCWD|SI_|SKF_|KEY_SPEC_|KEY_REQKEY_|LSM_ORDER_|RUSAGE_|PRIO_MIN|MIN_NICE|TCX_NEXT|FAN_NOFD)/
  const wide = /^(PR_SET_PTRACER_ANY|BPF_F_CURRENT_NETNS)$/
  const negative = named(/./).filter(([, value]) => value < 0)
  expect(negative.filter(([name]) => !ids.test(name) && !wide.test(name))).toEqual([])
})
