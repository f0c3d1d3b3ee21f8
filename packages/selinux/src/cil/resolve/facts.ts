/** The facts of statements once their names are resolved: the policy before it is written out. */
import type { Expression } from './expression.ts'
import type { Declared, Scope } from './scope.ts'
import type * as symbols from './symbols.ts'
import type { ClassPermissions } from './symbols.ts'

/** Where a fact comes from. */
export interface Origin {
  readonly node: number
  readonly scope: Scope
}

export type RuleKind = 'allow' | 'auditallow' | 'dontaudit' | 'neverallow'

/** `self`: the source itself; `notself`: every other type; `other`: the other types of the source. */
export type RuleTarget = Declared | 'self' | 'notself' | 'other'

export interface AvRule extends Origin {
  readonly kind: RuleKind
  readonly source: Declared
  readonly target: RuleTarget
  readonly permissions: readonly ClassPermissions[]
}

export interface XpermRule extends Origin {
  readonly kind: RuleKind
  readonly source: Declared
  readonly target: RuleTarget
  readonly xperms: symbols.XpermSymbol
}

export interface TypeRule extends Origin {
  readonly kind: 'typetransition' | 'typechange' | 'typemember'
  readonly source: Declared
  readonly target: RuleTarget
  readonly tclass: symbols.ClassSymbol
  /** Of a filename transition: the name. */
  readonly name: string | null
  readonly result: symbols.Atom
}

/** The statements that may stand in a booleanif. */
export interface RuleList {
  readonly rules: AvRule[]
  readonly xpermRules: XpermRule[]
  readonly typeRules: TypeRule[]
}

export const emptyRules = (): RuleList => ({ rules: [], xpermRules: [], typeRules: [] })

export interface BooleanIf extends Origin {
  readonly expression: Expression
  readonly whenTrue: RuleList
  readonly whenFalse: RuleList
}

export interface RangeTransition extends Origin {
  readonly source: Declared
  readonly target: Declared
  readonly tclass: symbols.ClassSymbol
  readonly range: symbols.RangeSymbol
}

export interface RoleTransition extends Origin {
  readonly source: Declared
  readonly target: Declared
  readonly tclass: symbols.ClassSymbol
  readonly result: symbols.Atom
}

export interface Pair<A = Declared, B = Declared> extends Origin {
  readonly a: A
  readonly b: B
}

export type ConstraintExpression =
  | { readonly operator: 'not' | 'and' | 'or'; readonly operands: readonly ConstraintExpression[] }
  | { readonly operator: 'eq' | 'neq' | 'dom' | 'domby' | 'incomp'
    readonly left: number
    /** The other operand's keyword, or names. */
    readonly right: number | readonly Declared[] }

export interface Constraint extends Origin {
  readonly permissions: readonly ClassPermissions[]
  readonly expression: ConstraintExpression
  readonly isMls: boolean
}

export interface ValidateTransition extends Origin {
  readonly tclass: symbols.ClassSymbol
  readonly expression: ConstraintExpression
  readonly isMls: boolean
}

export interface Default extends Origin {
  readonly of: 'user' | 'role' | 'type' | 'range'
  readonly classes: readonly symbols.ClassSymbol[]
  /** As policydb's DEFAULT_ numbers. */
  readonly value: number
}

export interface Labelled extends Origin {
  readonly context: symbols.ContextSymbol
}

export interface FileContext extends Origin {
  readonly path: string
  /** Keyword: any, file, dir, char, block, socket, pipe, symlink. */
  readonly type: number
  /** null: <<none>>. */
  readonly context: symbols.ContextSymbol | null
}

export interface FsUse extends Labelled { readonly behavior: number; readonly name: string }
export interface Genfs extends Labelled { readonly fstype: string; readonly path: string; readonly type: number }
export interface Port extends Labelled { readonly protocol: number; readonly low: number; readonly high: number }
export interface Netif extends Labelled { readonly name: string; readonly packet: symbols.ContextSymbol }
export interface Node extends Labelled { readonly address: Uint8Array; readonly mask: Uint8Array }
export interface IbPkey extends Labelled {
  readonly subnet: string
  readonly prefix: Uint8Array
  readonly low: number
  readonly high: number
}
export interface IbEndport extends Labelled { readonly name: string; readonly port: number }

/** A login and the user and range it gets; `login` null of the default. */
export interface SelinuxUser extends Origin {
  readonly login: string | null
  readonly user: symbols.Atom
  readonly range: symbols.RangeSymbol
}

export interface Order extends Origin {
  readonly symbols: readonly Declared[]
  readonly isUnordered: boolean
}

/** All facts, each kind in the order of the text. */
export class Facts {
  readonly always: RuleList = emptyRules()
  readonly booleanIfs: BooleanIf[] = []
  readonly denies: AvRule[] = []
  readonly rangeTransitions: RangeTransition[] = []
  readonly roleTransitions: RoleTransition[] = []
  readonly roleAllows: Pair[] = []
  readonly roleTypes: Pair[] = []
  readonly userRoles: Pair[] = []
  readonly permissive: symbols.Atom[] = []
  readonly neveraudit: symbols.Atom[] = []
  readonly constraints: Constraint[] = []
  readonly validateTransitions: ValidateTransition[] = []
  readonly defaults: Default[] = []
  readonly fileContexts: FileContext[] = []
  readonly fsUses: FsUse[] = []
  readonly genfs: Genfs[] = []
  readonly ports: Port[] = []
  readonly netifs: Netif[] = []
  readonly nodes: Node[] = []
  readonly ibPkeys: IbPkey[] = []
  readonly ibEndports: IbEndport[] = []
  readonly selinuxUsers: SelinuxUser[] = []
  readonly userPrefixes: (Origin & { readonly user: symbols.Atom; readonly prefix: string })[] = []
  readonly policycaps: string[] = []
  readonly classOrders: Order[] = []
  readonly sidOrders: Order[] = []
  readonly categoryOrders: Order[] = []
  readonly sensitivityOrders: Order[] = []
  mls: { readonly value: boolean; readonly node: number } | null = null
  handleUnknown: { readonly value: 'allow' | 'deny' | 'reject'; readonly node: number } | null = null

  /** Declared names that stay, in the order of the text; the value of each is its place. */
  readonly types: symbols.Atom[] = []
  readonly typeAttributes: symbols.Attribute[] = []
  readonly typeAliases: symbols.Alias[] = []
  /** Types and type attributes as they are declared, for the numbers of the policy. */
  readonly typeOrder: Declared[] = []
  readonly roles: symbols.Atom[] = []
  readonly roleAttributes: symbols.Attribute[] = []
  readonly users: symbols.Atom[] = []
  readonly userAttributes: symbols.Attribute[] = []
  readonly classes: symbols.ClassSymbol[] = []
  readonly classMaps: symbols.ClassSymbol[] = []
  readonly commons: symbols.ClassSymbol[] = []
  readonly classPermissions: symbols.ClassPermissionSymbol[] = []
  readonly xperms: symbols.XpermSymbol[] = []
  readonly booleans: symbols.BooleanSymbol[] = []
  readonly sensitivities: symbols.SensitivitySymbol[] = []
  readonly sensitivityAliases: symbols.Alias[] = []
  readonly categories: symbols.CategorySymbol[] = []
  readonly categoryAliases: symbols.Alias[] = []
  readonly categorySets: symbols.CategorySetSymbol[] = []
  readonly sids: symbols.SidSymbol[] = []
  readonly levels: symbols.LevelSymbol[] = []
  readonly ranges: symbols.RangeSymbol[] = []
  readonly contexts: symbols.ContextSymbol[] = []
}
