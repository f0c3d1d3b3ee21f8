/**
 * THE TABLE: every statement and the shape of its arguments, one line each. Statements that may hold others are marked;
 * `places.ts` lists where a statement may not stand.
 *
 * Shapes: `n` a name or string, `l` a list with something in it, `e` an empty list, joined when either will do; `?`
 * may be left out, `*` any number of them.
 */
import { ownValue } from '@lsmkit/abi'
import { W } from '../keywords.ts'
import type { StatementWord } from '../keywords.ts'

const shapes: Readonly<Record<StatementWord, string>> = {
  allow: 'n n nl',
  auditallow: 'n n nl',
  dontaudit: 'n n nl',
  neverallow: 'n n nl',
  deny: 'n n nl',
  allowx: 'n n nl',
  auditallowx: 'n n nl',
  dontauditx: 'n n nl',
  neverallowx: 'n n nl',
  call: 'n le?',
  macro: 'n le l*',
  common: 'n l',
  classcommon: 'n n',
  class: 'n le',
  classorder: 'l',
  classpermission: 'n',
  classpermissionset: 'n nl',
  classmap: 'n l',
  classmapping: 'n n nl',
  permissionx: 'n l',
  boolean: 'n n',
  booleanif: 'nl l l?',
  tunable: 'n n',
  tunableif: 'nl l l?',
  constrain: 'nl l',
  validatetrans: 'n l',
  mlsconstrain: 'nl l',
  mlsvalidatetrans: 'n l',
  block: 'n l*',
  blockabstract: 'n',
  blockinherit: 'n',
  optional: 'n l*',
  in: 'n nl l*',
  context: 'n l',
  defaultuser: 'nl n',
  defaultrole: 'nl n',
  defaulttype: 'nl n',
  defaultrange: 'nl n n?',
  filecon: 'n n nle',
  fsuse: 'n n nl',
  genfscon: 'n n nl nl?',
  ibpkeycon: 'n nl nl',
  ibendportcon: 'n n nl',
  sensitivity: 'n',
  sensitivityalias: 'n',
  sensitivityaliasactual: 'n n',
  sensitivityorder: 'l',
  category: 'n',
  categoryalias: 'n',
  categoryaliasactual: 'n n',
  categoryorder: 'l',
  categoryset: 'n l',
  sensitivitycategory: 'n nl',
  level: 'n l',
  levelrange: 'n l',
  rangetransition: 'n n n nl',
  ipaddr: 'n n',
  netifcon: 'n nl nl',
  nodecon: 'nl nl nl',
  portcon: 'n nl nl',
  mls: 'n',
  handleunknown: 'n',
  policycap: 'n',
  role: 'n',
  roletype: 'n n',
  roleattribute: 'n',
  roleattributeset: 'n nl',
  roleallow: 'n n',
  roletransition: 'n n n n',
  rolebounds: 'n n',
  sid: 'n',
  sidorder: 'l',
  sidcontext: 'n nl',
  type: 'n',
  typealias: 'n',
  typealiasactual: 'n n',
  typeattribute: 'n',
  typeattributeset: 'n nl',
  expandtypeattribute: 'nl n',
  typebounds: 'n n',
  typechange: 'n n n n',
  typemember: 'n n n n',
  typetransition: 'n n n n n?',
  typepermissive: 'n',
  typeneveraudit: 'n',
  user: 'n',
  userrole: 'n n',
  userattribute: 'n',
  userattributeset: 'n nl',
  userlevel: 'n nl',
  userrange: 'n nl',
  userbounds: 'n n',
  userprefix: 'n n',
  selinuxuser: 'n n nl',
  selinuxuserdefault: 'n nl',
  iomemcon: 'nl nl',
  ioportcon: 'nl nl',
  pcidevicecon: 'n nl',
  pirqcon: 'n nl',
  devicetreecon: 'n nl',
}

export const NAME = 1
export const LIST = 2
export const EMPTY = 4
export const OPTIONAL = 8
export const REPEATED = 16

const bits: Readonly<Record<string, number>> = { n: NAME, l: LIST, e: EMPTY, '?': OPTIONAL, '*': REPEATED }

/** By the number of the keyword: one mask an argument. */
export const shapeOf: readonly (readonly number[])[] = (() => {
  const compiled: number[][] = []
  for (const [word, shape] of Object.entries(shapes)) {
    compiled[W[word as StatementWord]] = shape.split(' ').map((argument) =>
      [...argument].reduce((mask, character) => mask | ownValue(bits, character)!, 0))
  }
  return compiled
})()

/** The shape that a statement asks for, for a message. */
export const describeShape = (keyword: StatementWord): string => {
  const kinds: Readonly<Record<string, string>> = { n: 'NAME', l: '(…)', e: '()' }
  const parts = shapes[keyword].split(' ').map((argument) => {
    const [letters, ending] = [argument.replace(/[?*]/, ''), /[?*]/.exec(argument)?.[0]]
    const either = [...letters].map((letter) => ownValue(kinds, letter)).join('|')
    return ending === undefined ? either : ending === '?' ? `[${either}]` : `${either} …`
  })
  return `(${keyword} ${parts.join(' ')})`
}
