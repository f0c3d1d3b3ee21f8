/** The syntax of the C text of a row. */
import type { CType } from './types.ts'

export type Expr =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly kind: 'unary'; readonly op: string; readonly of: Expr }
  | { readonly kind: 'postfix'; readonly op: '++' | '--'; readonly of: Expr }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'assign'; readonly op: string; readonly to: Expr; readonly value: Expr }
  | { readonly kind: 'conditional'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly kind: 'member'; readonly of: Expr; readonly name: string; readonly arrow: boolean }
  | { readonly kind: 'index'; readonly of: Expr; readonly at: Expr }
  | { readonly kind: 'cast'; readonly type: CType; readonly of: Expr }
  | { readonly kind: 'sizeof'; readonly of: Expr | CType }
  | { readonly kind: 'literal'; readonly type: CType; readonly init: Init }
  | { readonly kind: 'comma'; readonly left: Expr; readonly right: Expr }

/** `{ 1, .x = 2 }`, or a plain expression. */
export type Init =
  Expr | { readonly kind: 'list'; readonly items: readonly { readonly field: string | null; readonly value: Init }[] }

export type Statement =
  | { readonly kind: 'declare'; readonly name: string; readonly type: CType; readonly init: Init | null }
  | { readonly kind: 'expression'; readonly expr: Expr }
  | {
    readonly kind: 'if'
    readonly test: Expr
    readonly then: readonly Statement[]
    readonly otherwise: readonly Statement[]
  }
  | { readonly kind: 'while' | 'do'; readonly test: Expr; readonly body: readonly Statement[] }
  | { readonly kind: 'break' | 'continue' }
  | {
    readonly kind: 'for'
    readonly init: readonly Statement[]
    readonly test: Expr | null
    readonly step: Expr | null
    readonly body: readonly Statement[]
  }
