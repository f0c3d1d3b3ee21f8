/** The words of the language. Each is interned first, so that its number is the same in every compilation. */

export const statementWords = [
  'allow', 'auditallow', 'dontaudit', 'neverallow', 'deny', 'allowx', 'auditallowx', 'dontauditx', 'neverallowx',
  'call', 'macro', 'common', 'classcommon', 'class', 'classorder', 'classpermission', 'classpermissionset',
  'classmap', 'classmapping', 'permissionx', 'boolean', 'booleanif', 'tunable', 'tunableif', 'constrain',
  'validatetrans', 'mlsconstrain', 'mlsvalidatetrans', 'block', 'blockabstract', 'blockinherit', 'optional', 'in',
  'context', 'defaultuser', 'defaultrole', 'defaulttype', 'defaultrange', 'filecon', 'fsuse', 'genfscon',
  'ibpkeycon', 'ibendportcon', 'sensitivity', 'sensitivityalias', 'sensitivityaliasactual', 'sensitivityorder',
  'category', 'categoryalias', 'categoryaliasactual', 'categoryorder', 'categoryset', 'sensitivitycategory',
  'level', 'levelrange', 'rangetransition', 'ipaddr', 'netifcon', 'nodecon', 'portcon', 'mls', 'handleunknown',
  'policycap', 'role', 'roletype', 'roleattribute', 'roleattributeset', 'roleallow', 'roletransition', 'rolebounds',
  'sid', 'sidorder', 'sidcontext', 'type', 'typealias', 'typealiasactual', 'typeattribute', 'typeattributeset',
  'expandtypeattribute', 'typebounds', 'typechange', 'typemember', 'typetransition', 'typepermissive',
  'typeneveraudit', 'user', 'userrole', 'userattribute', 'userattributeset', 'userlevel', 'userrange', 'userbounds',
  'userprefix', 'selinuxuser', 'selinuxuserdefault', 'iomemcon', 'ioportcon', 'pcidevicecon', 'pirqcon',
  'devicetreecon',
] as const

const otherWords = [
  'and', 'or', 'xor', 'not', 'all', 'range', 'eq', 'neq', 'dom', 'domby', 'incomp',
  'u1', 'u2', 'u3', 'r1', 'r2', 'r3', 't1', 't2', 't3', 'l1', 'l2', 'h1', 'h2',
  'self', 'notself', 'other', 'true', 'false', 'before', 'after', 'unordered', 'object_r', '*',
  'reject', 'source', 'target', 'low', 'high', 'low-high', 'glblub', 'nlmsg', 'ioctl',
  'file', 'dir', 'char', 'any', 'socket', 'pipe', 'symlink', 'xattr', 'task', 'trans', 'tcp', 'udp', 'dccp', 'sctp',
  'string', 'name', 'cil_gen_require',
] as const

export const words = [...statementWords, ...otherWords] as const

export type StatementWord = (typeof statementWords)[number]
export type Word = (typeof words)[number]

/** The number of each word. */
export const W = Object.fromEntries(words.map((word, id) => [word, id])) as Readonly<Record<Word, number>>
