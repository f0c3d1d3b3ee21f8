import { expect, test } from 'vitest'
import { didYouMean } from './did-you-mean.ts'
import { ComposeError, LsmkitError } from './errors.ts'

test('the message has the hint in it: test runners print nothing else', () => {
  const hint = 'make it with `defineLsm`'
  const error = new ComposeError('not-an-lsm', 'an object is no LSM', { place: 'lsms[1]', hint })
  expect(error.message).toBe('an object is no LSM (make it with `defineLsm`)')
  expect(error).toMatchObject({ summary: 'an object is no LSM', hint, place: 'lsms[1]' })
  expect(String(error)).toBe('lsms[1]: an object is no LSM (make it with `defineLsm`)')
})

test('an error has a code, a place, a hint, a cause, and its own name', () => {
  const cause = new Error('x')
  const error = new ComposeError('too-many-blobs', 'too many', { place: 'lsms[3]', hint: 'leave one out', cause })
  expect(error).toBeInstanceOf(LsmkitError)
  expect(error).toMatchObject({
    name: 'ComposeError', code: 'too-many-blobs', place: 'lsms[3]', hint: 'leave one out', cause,
  })
  expect(String(error)).toBe('lsms[3]: too many (leave one out)')
})

test('without a place and a hint there is only the sentence', () => {
  expect(String(new LsmkitError('x', 'it is wrong'))).toBe('it is wrong')
})

test('what it quotes cannot act on a terminal', () => {
  const error = new LsmkitError('x', 'no `\u001B[2J`', { place: 'a\u0007', hint: 'drop `\u009B`' })
  expect(String(error)).toBe('a\\x07: no `\\x1b[2J` (drop `\\x9b`)')
})

test.each([
  { word: 'file_opne', near: 'file_open' },
  { word: 'fileopen', near: 'file_open' },
  { word: 'FILE_OPEN', near: null },
  { word: 'task_fre', near: 'task_free' },
  { word: '', near: null },
  { word: 'nothing_like_it', near: null },
])('near `$word`', ({ word, near }) => {
  const hint = didYouMean(word, ['file_open', 'file_permission', 'task_free'])
  expect(hint).toBe(near === null ? null : `did you mean \`${near}\`?`)
})
