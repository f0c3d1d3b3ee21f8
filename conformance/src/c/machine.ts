/** Runs the C of a row: variables lie in a flat memory, addresses are plain numbers, functions are the host's. */
import { arithmetic } from './arithmetic.ts'
import type { Expr, Init, Statement } from './ast.ts'
import { CMemory } from './memory.ts'
import { Parser } from './parse.ts'
import type { Tags } from './parse.ts'
import { CHAR, INT, LONG, pointerTo, sizeOf, VOID } from './types.ts'
import type { CType } from './types.ts'

interface Place {
  readonly at: number
  readonly type: CType
}
interface Value {
  readonly value: number
  readonly type: CType
}

export type Builtin = (...args: number[]) => number
/** Functions the text may call. */
export type Functions = (name: string) => Builtin | undefined

const MOST_TURNS = 100_000

/** Thrown by `break` and `continue`. */
class LoopLeft extends Error {
  readonly isBreak: boolean
  constructor(isBreak: boolean) {
    super(isBreak ? 'break' : 'continue')
    this.isBreak = isBreak
  }
}

/** Thrown where a forked child's part of the text ends. */
export class ChildEnds extends Error {}

export class CMachine extends CMemory {
  #turns = 0
  readonly #variables = new Map<string, Place>()
  readonly #tags: Tags = new Map()
  functions: Functions = () => undefined
  /** Calls whose arguments are not worked out before them, by name. */
  readonly forms = new Map<string, (args: readonly Expr[]) => number>()
  readonly #constants: (name: string) => number | undefined
  /** The functions of a child that the statement just executed has made. */
  child: Functions | null = null

  constructor(constants: (name: string) => number | undefined) {
    super()
    this.#constants = constants
  }

  /** Another machine with all that this one has declared so far. */
  copy(): CMachine {
    const made = new CMachine(this.#constants)
    made.fillFrom(this)
    for (const [name, place] of this.#variables) made.#variables.set(name, place)
    for (const [name, type] of this.#tags) made.#tags.set(name, type)
    return made
  }

  run(text: string): number {
    const parser = new Parser(text, this.#tags, (expr) => this.eval(expr).value)
    // Statement by statement would be too late for the tags of later declarations: the whole text is parsed first.
    return this.#block(parser.program())
  }

  /** Statement after statement; the first one whose value is negative ends the text. */
  steps(text: string): number {
    return this.follow(this.read(text))
  }

  /** The statements of a text, which every machine with the same headers can follow. */
  read(text: string): readonly Statement[] {
    return new Parser(text, this.#tags, (expr) => this.eval(expr).value).program()
  }

  follow(statements: readonly Statement[]): number {
    let last = 0
    for (const statement of statements) {
      last = this.#execute(statement)
      if (last < 0) break
    }
    return last
  }

  /** Declares a struct type of the headers without a variable. */
  declareTypes(text: string): void {
    this.read(text)
  }

  define(name: string, type: CType): number {
    const at = this.alloc(Math.max(sizeOf(type), 1))
    this.#variables.set(name, { at, type })
    return at
  }

  addressOf(name: string): number | null {
    return this.#variables.get(name)?.at ?? null
  }
  struct(tag: string): CType {
    const type = this.#tags.get(tag)
    if (type === undefined) throw new Error(`no struct \`${tag}\``)
    return type
  }
  /** Address and type of a field. */
  field(at: number, tag: string, name: string): Place {
    const type = this.struct(tag)
    const field = type.kind === 'struct' ? type.fields.find((f) => f.name === name) : undefined
    if (field === undefined) throw new Error(`struct ${tag} has no \`${name}\``)
    return { at: at + field.offset, type: field.type }
  }
  get(at: number, tag: string, name: string): number {
    const place = this.field(at, tag, name)
    return this.load(place.at, place.type)
  }
  set(at: number, tag: string, name: string, value: number): void {
    const place = this.field(at, tag, name)
    this.store(place.at, place.type, value)
  }

  #execute(statement: Statement): number {
    switch (statement.kind) {
      case 'declare': {
        const at = this.define(statement.name, statement.type)
        this.bytes.fill(0, at, at + sizeOf(statement.type))
        if (statement.init !== null) this.#initialise(at, statement.type, statement.init)
        return 0
      }
      case 'expression':
        return this.eval(statement.expr).value
      case 'if':
        return this.#block(this.eval(statement.test).value !== 0 ? statement.then : statement.otherwise)
      case 'while':
        while (this.eval(statement.test).value !== 0 && this.#turn(statement.body));
        return 0
      case 'do':
        while (this.#turn(statement.body) && this.eval(statement.test).value !== 0);
        return 0
      case 'for':
        this.#block(statement.init)
        while (statement.test === null || this.eval(statement.test).value !== 0) {
          if (!this.#turn(statement.body)) break
          if (statement.step !== null) this.eval(statement.step)
        }
        return 0
      case 'break':
      case 'continue':
        throw new LoopLeft(statement.kind === 'break')
    }
  }
  /** One turn of a loop; false ends the loop. A loop that waits for what never comes is a mistake of the text. */
  #turn(body: readonly Statement[]): boolean {
    if (++this.#turns > MOST_TURNS) throw new Error('a loop does not end')
    try {
      this.#block(body)
    } catch (error) {
      if (!(error instanceof LoopLeft)) throw error
      return !error.isBreak
    }
    return true
  }
  #block(statements: readonly Statement[]): number {
    let last = 0
    for (const [i, statement] of statements.entries()) {
      last = this.#execute(statement)
      const { child } = this
      this.child = null
      if (child !== null) this.#inChild(child, statements.slice(i))
    }
    return last
  }
  /** The child begins with the statement that made it, on a copy of the memory, and runs until it ends or sleeps. */
  #inChild(functions: Functions, statements: readonly Statement[]): void {
    const { functions: own, top } = this
    const memory = this.bytes.slice(0, top)
    const variables = new Map(this.#variables)
    this.functions = functions
    try {
      this.#block(statements)
    } catch (error) {
      if (!(error instanceof ChildEnds)) throw error
    }
    this.functions = own
    this.bytes.set(memory)
    this.#variables.clear()
    for (const [name, place] of variables) this.#variables.set(name, place)
  }

  #initialise(at: number, type: CType, init: Init): void {
    if (init.kind !== 'list') {
      if (type.kind === 'array' && init.kind === 'string') {
        for (let i = 0; i < init.text.length && i < sizeOf(type); i++) this.bytes[at + i] = init.text.charCodeAt(i)
        return
      }
      const { value, type: from } = this.eval(init)
      const isWhole = from.kind === 'struct' || from.kind === 'array'
      if (type.kind === 'struct' || type.kind === 'array')
        this.bytes.copyWithin(at, value, value + sizeOf(isWhole ? from : type))
      else this.store(at, type, value)
      return
    }
    if (type.kind === 'array') {
      init.items.forEach((item, i) => this.#initialise(at + i * sizeOf(type.of), type.of, item.value))
    } else if (type.kind === 'struct') {
      let next = 0
      for (const { field, value } of init.items) {
        if (field !== null) next = type.fields.findIndex((f) => f.name === field)
        const member = type.fields[next++]
        if (member === undefined) throw new Error(`no field \`${field ?? next}\``)
        this.#initialise(at + member.offset, member.type, value)
      }
    } else if (init.items[0] !== undefined) this.#initialise(at, type, init.items[0].value)
  }

  #place(expr: Expr): Place {
    switch (expr.kind) {
      case 'name': {
        const known = this.#variables.get(expr.name)
        if (known !== undefined) return known
        this.define(expr.name, LONG)
        return this.#variables.get(expr.name)!
      }
      case 'unary': {
        if (expr.op !== '*') break
        const { value, type } = this.eval(expr.of)
        return { at: value, type: type.kind === 'pointer' ? type.to : type.kind === 'array' ? type.of : INT }
      }
      case 'index': {
        const base = this.eval(expr.of)
        const of = base.type.kind === 'array' ? base.type.of : base.type.kind === 'pointer' ? base.type.to : CHAR
        return { at: base.value + this.eval(expr.at).value * sizeOf(of), type: of }
      }
      case 'member': {
        const base = expr.arrow ? this.#deref(expr.of) : this.#place(expr.of)
        const field = base.type.kind === 'struct' ? base.type.fields.find((f) => f.name === expr.name) : undefined
        if (field === undefined) throw new Error(`no field \`${expr.name}\``)
        return { at: base.at + field.offset, type: field.type }
      }
      case 'literal': {
        const at = this.alloc(sizeOf(expr.type))
        this.bytes.fill(0, at, at + sizeOf(expr.type))
        this.#initialise(at, expr.type, expr.init)
        return { at, type: expr.type }
      }
      case 'cast':
        return this.#place(expr.of)
      default:
        break
    }
    throw new Error(`not a place: ${expr.kind}`)
  }
  #deref(expr: Expr): Place {
    const { value, type } = this.eval(expr)
    if (type.kind === 'pointer') return { at: value, type: type.to }
    if (type.kind === 'array') return { at: value, type: type.of }
    throw new Error('not a pointer')
  }

  #rvalue({ at, type }: Place): Value {
    return { value: this.load(at, type), type }
  }

  eval(expr: Expr): Value {
    switch (expr.kind) {
      case 'number':
        return { value: expr.value, type: INT }
      case 'string':
        return { value: this.string(expr.text), type: pointerTo(CHAR) }
      case 'name':
        return this.#named(expr)
      case 'call':
        return this.#call(expr.name, expr.args)
      case 'unary':
        return this.#unary(expr.op, expr.of)
      case 'postfix': {
        const place = this.#place(expr.of)
        const before = this.#rvalue(place)
        this.store(place.at, place.type, before.value + (expr.op === '++' ? 1 : -1))
        return before
      }
      case 'binary':
        return this.#binary(expr.op, expr.left, expr.right)
      case 'assign':
        return this.#assign(expr.op, expr.to, expr.value)
      case 'conditional':
        return this.eval(this.eval(expr.test).value !== 0 ? expr.yes : expr.no)
      case 'member':
      case 'index':
      case 'literal':
        return this.#rvalue(this.#place(expr))
      case 'cast':
        return { value: this.eval(expr.of).value, type: expr.type }
      case 'sizeof':
        return { value: this.#sizeofOperand(expr.of), type: LONG }
      case 'comma':
        this.eval(expr.left)
        return this.eval(expr.right)
    }
  }

  #sizeofOperand(of: Expr | CType): number {
    if (
      of.kind === 'int' ||
      of.kind === 'pointer' ||
      of.kind === 'array' ||
      of.kind === 'struct' ||
      of.kind === 'void'
    ) {
      return sizeOf(of)
    }
    if (of.kind === 'string') return of.text.length + 1
    return sizeOf(
      of.kind === 'name' || of.kind === 'index' || of.kind === 'member' ? this.#place(of).type : this.eval(of).type,
    )
  }

  #named(expr: Expr & { kind: 'name' }): Value {
    if (this.#variables.has(expr.name)) return this.#rvalue(this.#place(expr))
    const constant = this.#constants(expr.name)
    if (constant !== undefined) return { value: constant, type: LONG }
    // A function's name: a number that stands for it.
    if (this.functions(expr.name) !== undefined) return { value: this.string(`&${expr.name}`), type: pointerTo(VOID) }
    throw new Error(`\`${expr.name}\` is not known`)
  }

  #isFunction(name: string): boolean {
    return !this.#variables.has(name) && this.functions(name) !== undefined
  }

  #call(name: string, args: readonly Expr[]): Value {
    if (name === 'S') {
      const [callee, ...rest] = args
      if (callee?.kind !== 'name') throw new Error('S of what')
      return this.#call(callee.name, rest)
    }
    const form = this.forms.get(name)
    if (form !== undefined) return { value: form(args), type: LONG }
    return { value: this.callNamed(name, args.map((arg) => this.eval(arg).value)), type: LONG }
  }
  callNamed(name: string, args: readonly number[]): number {
    const fn = this.functions(name)
    if (fn === undefined) throw new Error(`no function \`${name}\``)
    return fn(...args)
  }

  #unary(op: string, of: Expr): Value {
    switch (op) {
      case '&':
        if (of.kind === 'name' && this.#isFunction(of.name)) return this.eval(of)
        return { value: this.#place(of).at, type: pointerTo(this.#place(of).type) }
      case '*':
        return this.#rvalue(this.#place({ kind: 'unary', op, of }))
      case '++':
      case '--':
        return this.#assign(op === '++' ? '+=' : '-=', of, { kind: 'number', value: 1 })
      case '-':
        return { value: -this.eval(of).value, type: LONG }
      case '!':
        return { value: this.eval(of).value === 0 ? 1 : 0, type: INT }
      case '~':
        return { value: ~this.eval(of).value, type: INT }
      default:
        return this.eval(of)
    }
  }

  #binary(op: string, left: Expr, right: Expr): Value {
    const a = this.eval(left)
    if (op === '&&') return { value: a.value !== 0 && this.eval(right).value !== 0 ? 1 : 0, type: INT }
    if (op === '||') return { value: a.value !== 0 || this.eval(right).value !== 0 ? 1 : 0, type: INT }
    const b = this.eval(right)
    if ((op === '+' || op === '-') && (a.type.kind === 'pointer' || a.type.kind === 'array')) {
      const of = a.type.kind === 'pointer' ? a.type.to : a.type.of
      const by = b.type.kind === 'int' ? b.value * sizeOf(of) : b.value
      return { value: op === '+' ? a.value + by : a.value - by, type: pointerTo(of) }
    }
    return { value: arithmetic(op, a.value, b.value), type: a.type.kind === 'int' ? a.type : LONG }
  }

  #assign(op: string, to: Expr, value: Expr): Value {
    const right = this.eval(value)
    const place = this.#place(to)
    if (place.type.kind === 'struct') {
      this.bytes.copyWithin(place.at, right.value, right.value + sizeOf(place.type))
      return { value: place.at, type: place.type }
    }
    const next = op === '=' ? right.value : arithmetic(op.slice(0, -1), this.#rvalue(place).value, right.value)
    this.store(place.at, place.type, next)
    return this.#rvalue(place)
  }
}
