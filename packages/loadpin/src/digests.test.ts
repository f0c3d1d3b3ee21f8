import {
  EFAULT, EFBIG, EINVAL, EPERM, EPROTO, LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, READING_MODULE, READING_POLICY,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { parseDigests } from './digests.ts'
import { aLoadPin } from '../test/pinned.ts'

const HEADER = '# LOADPIN_TRUSTED_VERITY_ROOT_DIGESTS'
const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

test.each([
  { text: `${HEADER}\nabcd\n`, list: ['abcd'] },
  { text: `${HEADER}\nABCD\n0123`, list: ['abcd', '0123'] },
  { text: `${HEADER}\nabcd\n\n \t\n`, list: ['abcd'] },
  { text: `${HEADER}\n\nabcd\n`, list: ['', 'abcd'] },
  { text: `${HEADER}\nabcd\0zz\n`, list: ['abcd'] },
  { text: '\nabcd\n', list: ['abcd'] },
  { text: HEADER, list: null },
  { text: `${HEADER}\n`, list: null },
  { text: '', list: null },
  { text: ' \n\t', list: null },
  { text: 'abcd\n', list: null },
  { text: `${HEADER} \nabcd\n`, list: null },
  { text: `\n${HEADER}\nabcd\n`, list: null },
  { text: `${HEADER}\nabc\n`, list: null },
  { text: `${HEADER}\nabxy\n`, list: null },
  { text: `${HEADER}\nabcd \n0123\n`, list: null },
  { text: `${HEADER}\r\nabcd\r\n`, list: null },
])('$text -> $list', ({ text, list }) => {
  expect(parseDigests(bytes(text))).toEqual(list)
})

describe('loadpin/dm-verity', () => {
  const root = Uint8Array.of(0xab, 0xcd)
  const set = (f: ReturnType<typeof aLoadPin>, fd: number): number =>
    f.ioctl(LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, { value: fd })

  test('a device on the list is as good as the pinned one', () => {
    const f = aLoadPin({ enforce: true })
    const [pinned, trusted, other] = [f.aDisk({ readOnly: true }), f.aDisk({ root }), f.aDisk({ root: root.slice(1) })]
    f.read(pinned, READING_MODULE)
    expect(f.read(trusted, READING_MODULE).rc).toBe(-EPERM)
    f.contents.set(3, bytes(`${HEADER}\nABCD\n`))
    expect(set(f, 3)).toBe(0)
    expect(f.asked).toEqual([READING_POLICY])
    expect(f.read(trusted, READING_MODULE).rc).toBe(0)
    expect(f.read(other, READING_MODULE).rc).toBe(-EPERM)
    expect(f.read(f.aDisk(), READING_MODULE).rc).toBe(-EPERM)
    expect(f.read(f.aDisk({}), READING_MODULE).rc).toBe(-EPERM)
    f.unmount(pinned)
    expect(f.read(trusted, READING_MODULE).rc).toBe(-EPERM)
  })

  test('once: a second list is refused', () => {
    const f = aLoadPin()
    f.contents.set(3, bytes(`${HEADER}\nabcd\n`))
    expect([set(f, 3), set(f, 3)]).toEqual([0, -EPERM])
  })

  test.each([
    { say: 'a list that is none', contents: bytes('abcd'), rc: -EPROTO },
    { say: 'a file that may not be read', contents: -EPERM, rc: -EPERM },
    { say: 'a file that is too long', contents: -EFBIG, rc: -EFBIG },
  ])('$say is for good', ({ contents, rc }) => {
    const f = aLoadPin()
    f.contents.set(3, contents)
    expect(set(f, 3)).toBe(rc)
    f.contents.set(3, bytes(`${HEADER}\nabcd\n`))
    expect(set(f, 3)).toBe(-EPERM)
  })

  test('a descriptor that is none is not', () => {
    const f = aLoadPin()
    expect(set(f, 9)).toBe(-EINVAL)
    f.contents.set(3, bytes(`${HEADER}\nabcd\n`))
    expect(set(f, 3)).toBe(0)
  })

  test.each([
    { cmd: 0, arg: { value: 3 }, rc: -EINVAL },
    { cmd: LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, arg: 0, rc: -EFAULT },
    { cmd: LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, arg: null, rc: -EFAULT },
  ])('ioctl $cmd -> $rc', ({ cmd, arg, rc }) => {
    expect(aLoadPin().ioctl(cmd, arg)).toBe(rc)
  })
})
