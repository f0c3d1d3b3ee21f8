/** `eval`'s arithmetic: 32-bit numbers, C's operators, m4's precedence. */

type Fail = (message: string) => never

/** From weakest to strongest. */
const levels: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { '||': (a, b) => Number(a !== 0 || b !== 0) },
  { '&&': (a, b) => Number(a !== 0 && b !== 0) },
  { '|': (a, b) => a | b },
  { '^': (a, b) => a ^ b },
  { '&': (a, b) => a & b },
  { '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b) },
  {
    '<=': (a, b) => Number(a <= b), '>=': (a, b) => Number(a >= b), '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
  },
  { '<<': (a, b) => a << b, '>>': (a, b) => a >> b },
  { '+': (a, b) => (a + b) | 0, '-': (a, b) => (a - b) | 0 },
  { '*': (a, b) => Math.imul(a, b), '/': (a, b) => (a / b) | 0, '%': (a, b) => (a % b) | 0 },
]
const DEEPEST = 200

class Evaluator {
  readonly #words: readonly string[]
  readonly #fail: Fail
  #at = 0
  #depth = 0

  constructor(text: string, fail: Fail) {
    this.#words = text.match(/\d\w*|\*\*|\|\||&&|[=!<>]=|<<|>>|[^\s\w]|\w+/g) ?? []
    this.#fail = fail
  }

  value(): number {
    if (this.#words.length === 0) return 0
    const value = this.#level(0)
    return this.#at < this.#words.length ? this.#fail(`\`${this.#words[this.#at]}\` is not expected here`) : value
  }

  #level(level: number): number {
    const operators = levels[level]
    if (operators === undefined) return this.#power()
    let value = this.#level(level + 1)
    for (;;) {
      const word = this.#words[this.#at]
      if (word === undefined || !Object.hasOwn(operators, word)) return value
      this.#at++
      const right = this.#level(level + 1)
      if (right === 0 && (word === '/' || word === '%')) this.#fail('a number is divided by 0')
      value = operators[word]!(value, right)
    }
  }

  #power(): number {
    const value = this.#unary()
    if (this.#words[this.#at] !== '**') return value
    this.#at++
    const exponent = this.#power()
    if (exponent < 0) this.#fail('a power is negative')
    let result = 1
    for (let i = 0; i < Math.min(exponent, 64); i++) result = Math.imul(result, value)
    return result
  }

  #unary(): number {
    const word = this.#words[this.#at++]
    if (word === undefined) return this.#fail('a number is missing')
    if (++this.#depth > DEEPEST) this.#fail('the expression is nested too deeply')
    const value = this.#operand(word)
    this.#depth--
    return value
  }

  #operand(word: string): number {
    switch (word) {
      case '-': return -this.#unary() | 0
      case '+': return this.#unary()
      case '!': return Number(this.#unary() === 0)
      case '~': return ~this.#unary()
      case '(': {
        const value = this.#level(0)
        if (this.#words[this.#at++] !== ')') this.#fail('a `)` is missing')
        return value
      }
      default: {
        const value = /^0\d+$/.test(word) ? Number.parseInt(word, 8) : Number(word)
        return Number.isInteger(value) ? value | 0 : this.#fail(`\`${word}\` is not a number`)
      }
    }
  }
}

export const evaluate = (text: string, fail: Fail): number => new Evaluator(text, fail).value()
