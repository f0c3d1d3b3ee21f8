/** What becomes `const` in a bundle, and what may not. */
import { expect, test } from 'vitest'
import { keepConst } from './keep-const.ts'

const same = Symbol('same')

test.each<[code: string, answer: string | typeof same, why: string]>([
  ['var a = 1;', 'const a = 1;', 'a value that stays'],
  ['var f = (x) => x;\nvar g = () => f(1);', 'const f = (x) => x;\nconst g = () => f(1);', 'functions'],
  ['var C = class {\n};', 'const C = class {\n};', 'a class'],
  ['var a = 1, b = 2;', 'const a = 1, b = 2;', 'several in one statement'],
  ['// var a = 1\nvar a = "var b = 2";', '// var a = 1\nconst a = "var b = 2";', 'comments and texts stay'],
  ['export var a = 1;', 'export const a = 1;', 'an exported one'],
  ['var a;\na = 1;', same, 'no value at first'],
  ['var a = 1;\na = 2;', same, 'a second value'],
  ['var a = 1;\nvar f = () => a++;', 'var a = 1;\nconst f = () => a++;', 'counted up'],
  ['var a = 1;\nfunction f() {\n  --a;\n}', same, 'counted down'],
  ['var a = 1;\na ||= 2;', same, 'assigned with an operator'],
  ['var a = 1;\n[a] = [2];', same, 'assigned by an array pattern'],
  ['var a = 1;\n({ b: { a } } = c);', same, 'assigned by an object pattern'],
  ['var a = 1;\nfor (a of []) ;', same, 'assigned by a loop'],
  ['var a = 1, b = 2;\nb = 3;', same, 'one of two is assigned'],
  ['var a = 1;\nvar a = 2;', same, 'declared twice'],
  ['{\n  var a = 1;\n}\nvar a = 2;', same, 'declared again in a block'],
  ['var a = {};\na.b = 2;\na.c++;', 'const a = {};\na.b = 2;\na.c++;', 'a property gets a value'],
  ['var a = 1;\nvar b = -a | ~a;', 'const a = 1;\nconst b = -a | ~a;', 'read with a sign'],
  ['let a = 1;\nconst b = 2;', same, 'not `var`'],
  ['{\n  var a = 1;\n}\nfunction f() {\n  var b = 2;\n}', same, 'not at the top'],
  ['var { a } = b;', same, 'a pattern'],
])('%s', (code, answer) => {
  expect(keepConst(code)).toBe(answer === same ? code : answer)
})
