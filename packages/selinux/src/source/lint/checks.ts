/** The checks, by selint's codes: what each is about, whether it is on by itself, and how it finds its faults. */
import type {
  BlockNode, CallNode, DeclarationNode, HeaderNode, OtherNode, SourceNode, StatementNode,
} from '../syntax/ast.ts'
import type { LintContext } from './context.ts'
import * as modules from './module-checks.ts'
import { classPermissionOrder } from './module-checks.ts'
import * as rules from './rule-checks.ts'

type Find<N> = (node: N, context: LintContext) => string | null

interface Nodes {
  readonly statement: StatementNode
  readonly declaration: DeclarationNode
  readonly call: CallNode
  readonly header: HeaderNode
  readonly semicolon: OtherNode
  readonly stray: OtherNode
  readonly interface: BlockNode
  readonly template: BlockNode
  readonly optional: BlockNode
  readonly else: BlockNode
  readonly tunable: BlockNode
  readonly if: BlockNode
  readonly require: BlockNode
}

/** `whole`: on where a whole policy is checked. `never`: only where it is asked for. */
export type CheckDefault = 'always' | 'whole' | 'never'

export interface LintCheck {
  readonly code: string
  readonly summary: string
  readonly on: CheckDefault
  /** By the kind of the node; `.fc` checks have none. */
  readonly find: { readonly [K in keyof Nodes]?: Find<Nodes[K]> }
}

const check = (code: string, summary: string, find: LintCheck['find'] = {}, on: CheckDefault = 'always'): LintCheck =>
  ({ code, summary, find, on })

const each = <F>(kinds: readonly (keyof Nodes)[], find: F): LintCheck['find'] =>
  Object.fromEntries(kinds.map((kind) => [kind, find])) as LintCheck['find']

const disorder: Find<SourceNode> = (node, { disorder: reasons }) => reasons.get(node) ?? null

const moduleName: Find<HeaderNode> = (node, { module }) =>
  (node.name.text === module ? null : `module \`${node.name.text}\` is in a file of another name`)

export const lintChecks: readonly LintCheck[] = [
  check('X-001', 'interface that nothing calls', each(['interface', 'template'], modules.unusedInterface), 'never'),
  check('X-002', 'rule or call with a type that is left out',
    { statement: rules.excludedType, call: modules.excludedArgument }, 'never'),
  check('C-001', 'order of a module, as the style guide of refpolicy has it',
    each(['declaration', 'statement', 'call'], disorder), 'never'),
  check('C-004', 'interface without a comment', each(['interface', 'template'], modules.undocumentedInterface)),
  check('C-005', 'order of permissions', { statement: rules.permissionOrder, declaration: classPermissionOrder }),
  check('C-006', 'order of what is required', { require: modules.requirementOrder }, 'never'),
  check('C-007', 'type where `self` would do', { statement: rules.redundantType }),
  check('C-008', 'condition with a boolean of another module', each(['if', 'tunable'], modules.foreignCondition)),
  check('S-001', 'require block in a module', { require: modules.requireInModule }),
  check('S-002', 'file context with a type of another module'),
  check('S-003', 'needless semicolon', { semicolon: () => 'nothing ends here' }),
  check('S-004', 'interface that calls a template', { call: modules.templateInInterface }),
  check('S-005', 'declaration in an interface', { declaration: modules.declarationInInterface }),
  check('S-006', 'module statement without the macro',
    { header: ({ isBare }) => (isBare ? '`policy_module()` would require the classes and levels too' : null) }),
  check('S-007', '`gen_context` without a level'),
  check('S-008', '`gen_require` without quotes', { require: modules.unquotedRequire }),
  check('S-009', 'macro of permissions of another class', { statement: rules.macroOfOtherClass }),
  check('S-010', 'list of permissions that a macro stands for', { statement: rules.macroForList }),
  check('S-011', 'line of a file context of blanks'),
  check('W-001', 'name of another module', each(['statement', 'call', 'declaration'], modules.foreignName)),
  check('W-002', 'name that an interface uses and does not require',
    each(['statement', 'call', 'declaration'], modules.unrequiredName)),
  check('W-003', 'requirement that an interface does not use', { declaration: modules.unusedRequirement }),
  check('W-004', 'sign of regular expressions that is not escaped'),
  check('W-005', 'call of a module that may be absent, outside of an optional block',
    { call: modules.callOutsideOptional }),
  check('W-006', 'call without arguments', { call: modules.emptyCall }),
  check('W-007', 'argument of several words', { call: modules.looseArgument }),
  check('W-008', 'allow rule with all permissions, or all others', { statement: rules.riskyPermissions }),
  check('W-009', 'module and file of two names', { header: moduleName }),
  check('W-010', 'call of an interface that there is not', { call: modules.unknownCall }, 'whole'),
  check('W-011', 'requirement of what no module, or another one, declares', { declaration: modules.foreignRequirement },
    'whole'),
  check('W-012', 'condition with an unknown boolean', each(['if', 'tunable'], modules.unknownCondition)),
  check('W-013', 'allow rule with `audit_access`', { statement: rules.auditAccess }),
  check('E-002', 'line that is not a file context'),
  check('E-003', 'file context with an unknown user', {}, 'whole'),
  check('E-004', 'file context with an unknown role', {}, 'whole'),
  check('E-005', 'file context with an unknown type'),
  check('E-006', 'name that an interface has too', { declaration: modules.nameOfInterface }),
  check('E-007', 'unknown permission', { statement: rules.unknownPermission }),
  check('E-008', 'unknown class', { statement: rules.unknownClass }),
  check('E-009', 'empty block', each(['optional', 'else', 'require'], modules.emptyBlock)),
  check('E-010', 'word that is not a statement', { stray: modules.strayWord }),
]
