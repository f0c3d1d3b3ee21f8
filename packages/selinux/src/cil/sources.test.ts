import { expect, test } from 'vitest'
import { compileCil } from './compile.ts'
import { CilError } from './errors.ts'
import { Sources } from './sources.ts'

test('places by line and column, in the file they are in', () => {
  const texts = { a: '(one)\n  (two)', b: '', c: 'x\n' }
  const sources = new Sources(Object.entries(texts).map(([name, text]) => ({ name, text })))
  expect(sources.placeOf(0)).toEqual({ file: 'a', line: 1, column: 1, excerpt: '(one)' })
  expect(sources.placeOf(8)).toEqual({ file: 'a', line: 2, column: 3, excerpt: '  (two)' })
  expect(sources.placeOf(15)).toMatchObject({ file: 'c', line: 1, excerpt: 'x' })
  expect(sources.placeOf(17)).toMatchObject({ file: 'c', line: 2, column: 1, excerpt: '' })
})

test('marks tell what a line was made from', () => {
  const text = [
    ';;* lms 10 app.te', '(type a)', '(type b)', ';;* lmx 3 app.if', '(type c)', '(type d)', ';;* lme', '(type a)',
    ';;* lme', '(type d)',
  ].join('\n')
  const sources = new Sources([{ name: 'app.cil', text }])
  const origins = [1, 2, 4, 5, 7, 9].map((line) => {
    const at = text.split('\n').slice(0, line).join('\n').length + 1
    const { origin } = sources.placeOf(at)
    return origin === undefined ? null : `${origin.file}:${origin.line}`
  })
  expect(origins).toEqual(['app.te:10', 'app.te:11', 'app.if:3', 'app.if:3', 'app.te:16', null])
  const compile = (): unknown => compileCil([{ name: 'app.cil', text }])
  expect(compile).toThrow(CilError)
  expect(String(new CilError('redeclared', 'again', sources.placeOf(text.indexOf('(type b)'))))).toContain(
    'app.cil:3:1 (from app.te:11): again')
})
