/** The statements of the policy language, as checkpolicy and checkmodule read them. Places are offsets in the text. */

export interface Word {
  readonly text: string
  readonly at: number
}

/** `{ a b -c }`, `*`, `~{ a b }`: names, those left out, all, all others. */
export interface WordSet {
  readonly words: readonly Word[]
  readonly without: readonly Word[]
  readonly isAll: boolean
  readonly isComplement: boolean
  readonly at: number
}

export interface LevelText {
  readonly sensitivity: Word
  /** Each may be a range, `c0.c5`. */
  readonly categories: readonly Word[]
}
export interface RangeText {
  readonly low: LevelText
  readonly high: LevelText | null
}
export interface ContextText {
  readonly user: Word
  readonly role: Word
  readonly type: Word
  readonly range: RangeText | null
}

export type Condition =
  | { readonly kind: 'bool'; readonly name: Word }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or' | 'xor' | 'eq' | 'neq'; readonly left: Condition; readonly right: Condition }

interface Comparison {
  /** One side: `u1`, `r2`, `t3`, `l1`, `h2`. */
  readonly left: string
  readonly operator: string
  readonly at: number
}

export type Constraint =
  | { readonly kind: 'not'; readonly of: Constraint }
  | { readonly kind: 'and' | 'or'; readonly left: Constraint; readonly right: Constraint }
  | Comparison & { readonly kind: 'pair'; readonly right: string }
  | Comparison & { readonly kind: 'names'; readonly names: WordSet }

export const requireKinds = [
  'class', 'role', 'type', 'attribute', 'attribute_role', 'user', 'bool', 'tunable', 'sensitivity', 'category',
] as const
export type RequireKind = (typeof requireKinds)[number]

export interface Requirement {
  readonly kind: RequireKind
  readonly name: Word
  /** Of a class. */
  readonly permissions: readonly Word[]
}

export const accessKinds = ['allow', 'auditallow', 'auditdeny', 'dontaudit', 'neverallow'] as const
export type AccessKind = (typeof accessKinds)[number]
export const xpermKinds = ['allowxperm', 'auditallowxperm', 'dontauditxperm', 'neverallowxperm'] as const
export type XpermKind = (typeof xpermKinds)[number]
export const typeRuleKinds = ['type_transition', 'type_member', 'type_change'] as const
export type TypeRuleKind = (typeof typeRuleKinds)[number]

interface Placed {
  readonly at: number
}
interface Named extends Placed {
  readonly name: Word
}
interface RuleParts extends Placed {
  readonly sources: WordSet
  readonly targets: WordSet
  readonly classes: WordSet
}

export interface AccessRule extends RuleParts {
  readonly kind: AccessKind
  readonly permissions: WordSet
}
export interface XpermRule extends RuleParts {
  readonly kind: XpermKind
  readonly operation: Word
  readonly ranges: readonly (readonly [low: number, high: number])[]
  readonly isComplement: boolean
}
export interface TypeRule extends RuleParts {
  readonly kind: TypeRuleKind
  readonly type: Word
  readonly name: Word | null
}

export interface Optional extends Placed {
  readonly kind: 'optional'
  readonly body: readonly Statement[]
  readonly otherwise: readonly Statement[] | null
}
export interface If extends Placed {
  readonly kind: 'if'
  readonly condition: Condition
  readonly whenTrue: readonly Statement[]
  readonly whenFalse: readonly Statement[]
}
export interface Require extends Placed {
  readonly kind: 'require'
  readonly requirements: readonly Requirement[]
}

export type Statement =
  | AccessRule | XpermRule | TypeRule | Optional | If | Require
  | Named & { readonly kind: 'module'; readonly version: string }
  | Named & { readonly kind: 'class' }
  | Placed & {
    readonly kind: 'class_permissions'; readonly name: Word; readonly inherits: Word | null
    readonly permissions: readonly Word[],
  }
  | Named & { readonly kind: 'common'; readonly permissions: readonly Word[] }
  | Named & { readonly kind: 'sid' }
  | Named & { readonly kind: 'sid_context'; readonly context: ContextText }
  | Named & { readonly kind: 'attribute' | 'attribute_role' | 'policycap' | 'permissive' | 'neveraudit' }
  | Named & { readonly kind: 'type'; readonly aliases: readonly Word[]; readonly attributes: readonly Word[] }
  | Named & { readonly kind: 'typealias'; readonly aliases: readonly Word[] }
  | Named & { readonly kind: 'typeattribute' | 'roleattribute' | 'typebounds'; readonly names: readonly Word[] }
  | Placed & { readonly kind: 'expandattribute'; readonly names: readonly Word[]; readonly value: boolean }
  | Named & { readonly kind: 'bool' | 'tunable'; readonly value: boolean }
  | Named & { readonly kind: 'role'; readonly attributes: readonly Word[] }
  | Named & { readonly kind: 'role_types'; readonly types: WordSet }
  | Placed & { readonly kind: 'role_allow'; readonly roles: WordSet; readonly newRoles: WordSet }
  | Placed & {
    readonly kind: 'role_transition'; readonly roles: WordSet; readonly types: WordSet
    readonly classes: WordSet | null; readonly newRole: Word,
  }
  | Placed & {
    readonly kind: 'range_transition'; readonly sources: WordSet; readonly targets: WordSet
    readonly classes: WordSet | null; readonly range: RangeText,
  }
  | Placed & {
    readonly kind: 'user'; readonly name: Word; readonly roles: WordSet; readonly level: LevelText | null
    readonly range: RangeText | null,
  }
  | Placed & {
    readonly kind: 'constrain' | 'mlsconstrain'; readonly classes: WordSet; readonly permissions: WordSet
    readonly constraint: Constraint,
  }
  | Placed & {
    readonly kind: 'validatetrans' | 'mlsvalidatetrans'; readonly classes: WordSet; readonly constraint: Constraint,
  }
  | Placed & {
    readonly kind: 'default_user' | 'default_role' | 'default_type' | 'default_range'; readonly classes: WordSet
    readonly value: string,
  }
  | Named & { readonly kind: 'sensitivity' | 'category'; readonly aliases: readonly Word[] }
  | Placed & { readonly kind: 'dominance'; readonly names: readonly Word[] }
  | Placed & { readonly kind: 'level'; readonly level: LevelText }
  | Placed & {
    readonly kind: 'fs_use'; readonly behavior: 'xattr' | 'trans' | 'task'; readonly name: Word
    readonly context: ContextText,
  }
  | Placed & {
    readonly kind: 'genfscon'; readonly name: Word; readonly path: Word; readonly type: Word | null
    readonly context: ContextText,
  }
  | Placed & {
    readonly kind: 'portcon'; readonly protocol: Word; readonly low: number; readonly high: number
    readonly context: ContextText,
  }
  | Named & { readonly kind: 'netifcon'; readonly context: ContextText; readonly packet: ContextText }
  | Placed & {
    readonly kind: 'nodecon'; readonly address: Uint8Array; readonly mask: Uint8Array; readonly context: ContextText,
  }
  | Placed & {
    readonly kind: 'ibpkeycon'; readonly prefix: Uint8Array; readonly low: number; readonly high: number
    readonly context: ContextText,
  }
  | Named & { readonly kind: 'ibendportcon'; readonly port: number; readonly context: ContextText }

type OfKind<S, K> = S extends { readonly kind: infer T } ? K extends T ? S : never : never
/** Statements that may be of that kind. */
export type StatementOf<K extends Statement['kind']> = OfKind<Statement, K>
