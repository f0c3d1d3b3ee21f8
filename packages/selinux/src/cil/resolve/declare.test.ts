/** A name that is declared twice: the hint names `-m` where that would take it, and nowhere else. */
import { expect, test } from 'vitest'
import { CilError, compileCil } from '../index.ts'

test.each([
  ['a type', '(type a) (type a)', true],
  ['an attribute', '(typeattribute a) (typeattribute a)', true],
  ['a role', '(role a) (role a)', true],
  ['a user', '(user a) (user a)', false],
  ['a boolean', '(boolean a true) (boolean a true)', false],
  ['a type that is an attribute', '(typeattribute a) (type a)', false],
])('%s', (_what, text, isHinted) => {
  const refusal = (multipleDeclarations: boolean): unknown => {
    try {
      return compileCil([{ name: 'a.cil', text }], { multipleDeclarations })
    } catch (error) {
      return error
    }
  }
  const plain = refusal(false) as CilError
  expect(plain).toBeInstanceOf(CilError)
  expect([plain.code, plain.hint?.startsWith('-m ') ?? false]).toEqual(['redeclared', isHinted])
  // What the hint promises: with the option it is another error, if any.
  expect((refusal(true) as CilError).code === 'redeclared').toBe(!isHinted)
})
