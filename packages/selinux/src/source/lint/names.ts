/** The names that a node uses, as checks of requirements and declarations see them. */
import type { AccessRule, Statement, Word, WordSet } from '../te/ast.ts'
import { isBlock } from '../syntax/ast.ts'
import type { BlockNode, DeclarationNode, SourceNode } from '../syntax/ast.ts'

const ofSet = ({ words, without }: WordSet): Word[] => [...words, ...without]

export const isAccessRule = (statement: Statement): statement is AccessRule =>
  'permissions' in statement && 'sources' in statement

export type NameKind = 'type' | 'attribute' | 'attribute_role' | 'role'
export const nameKinds: readonly NameKind[] = ['type', 'attribute', 'attribute_role', 'role']

/** A name, and what it may be where it stands; null where it may be anything. */
export interface UsedName {
  readonly name: string
  readonly kinds: readonly NameKind[] | null
}

const typeLike: readonly NameKind[] = ['type', 'attribute']
const roleLike: readonly NameKind[] = ['role', 'attribute_role']

const uses = (words: readonly Word[], kinds: readonly NameKind[] | null): UsedName[] =>
  words.map(({ text }) => ({ name: text, kinds }))

const ofStatement = (statement: Statement): UsedName[] => {
  switch (statement.kind) {
    case 'typeattribute': return [...uses([statement.name], ['type']), ...uses(statement.names, ['attribute'])]
    case 'roleattribute': return [...uses([statement.name], roleLike), ...uses(statement.names, ['attribute_role'])]
    case 'typebounds': return uses([statement.name, ...statement.names], ['type'])
    case 'role_types': return [...uses([statement.name], roleLike), ...uses(ofSet(statement.types), typeLike)]
    case 'role_allow': return uses([...ofSet(statement.roles), ...ofSet(statement.newRoles)], roleLike)
    case 'role_transition': return [
      ...uses(ofSet(statement.roles), roleLike), ...uses(ofSet(statement.types), typeLike),
      ...uses([statement.newRole], ['role']),
    ]
    case 'typealias': return uses([statement.name, ...statement.aliases], ['type'])
    case 'permissive': return uses([statement.name], ['type'])
    case 'type_transition': case 'type_member': case 'type_change': return [
      ...uses([...ofSet(statement.sources), ...ofSet(statement.targets)], typeLike),
      ...uses([statement.type], ['type']),
    ]
    default:
      return 'sources' in statement ? uses([...ofSet(statement.sources), ...ofSet(statement.targets)], typeLike) : []
  }
}

const withoutDash = (text: string): string => (text.startsWith('-') ? text.slice(1) : text)

/** Names of types, attributes and roles; of a declaration its own name is the first. */
export const usesIn = (node: SourceNode): UsedName[] => {
  switch (node.kind) {
    case 'statement': return ofStatement(node.statement)
    case 'declaration': return [
      ...uses([node.name], nameKinds.filter((kind) => kind === node.declares)),
      ...uses(node.of, node.declares === 'role' ? ['attribute_role'] : ['attribute']), ...uses(node.aliases, ['type']),
    ]
    case 'call': return node.args.flatMap(({ words }) =>
      words.map(({ text }) => ({ name: withoutDash(text), kinds: null })))
    default: return []
  }
}

export const namesIn = (node: SourceNode): string[] => usesIn(node).map(({ name }) => name)

/** Classes of a rule. */
export const classesIn = (node: SourceNode): string[] => {
  if (node.kind !== 'statement' || !('classes' in node.statement)) return []
  return (node.statement.classes?.words ?? []).map(({ text }) => text)
}

/** Permissions of a rule. */
export const permissionsIn = (node: SourceNode): string[] =>
  (node.kind === 'statement' && isAccessRule(node.statement)
    ? node.statement.permissions.words.map(({ text }) => text) : [])

/** Calls of what is no policy: users are declared by it. */
const unseen = new Set(['gen_user'])

/** Statements that bring no order and no names. */
const unseenKinds = new Set<Statement['kind']>(
  ['sid', 'sid_context', 'genfscon', 'portcon', 'netifcon', 'nodecon', 'fs_use', 'typebounds', 'ibpkeycon',
    'ibendportcon'],
)

/** Nodes of a block; a macro that holds statements is left out, and its statements are not. */
export const seenNodes = (nodes: readonly SourceNode[]): SourceNode[] => nodes.flatMap((node) => {
  if (isBlock(node) && node.kind === 'macro') return seenNodes(node.body)
  if (node.kind === 'text' || (node.kind === 'call' && unseen.has(node.name.text))) return []
  return node.kind === 'statement' && unseenKinds.has(node.statement.kind) ? [] : [node]
})

/** Every node inside and behind, in the order of the text. */
export const seenWithin = function* (nodes: readonly SourceNode[]): Generator<SourceNode> {
  for (const node of seenNodes(nodes)) {
    yield node
    if (isBlock(node)) yield* seenWithin(node.body)
  }
}

export const requirementsIn = (block: BlockNode): DeclarationNode[] =>
  seenNodes(block.body).filter((node) => node.kind === 'declaration')
