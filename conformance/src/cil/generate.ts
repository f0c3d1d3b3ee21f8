/** Random policies that use the whole language, some of them wrong in one place: the same ones for the same seed. */
import { ownValue } from '@lsmkit/abi'

// Statements stay on one line, as they come out.
// oxlint-disable @stylistic/max-len

/** xorshift: small, and the same everywhere. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = (seed * 2654435761 + 0x9e3779b9) >>> 0 || 1
  }

  /** 0 … below - 1. */
  int(below: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state % below
  }

  chance(percent: number): boolean {
    return this.int(100) < percent
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!
  }

  some<T>(list: readonly T[], most = list.length): T[] {
    const found = list.filter(() => this.chance(50)).slice(0, most)
    return found.length === 0 ? [this.pick(list)] : found
  }
}

const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const times = (count: number, make: () => string): string[] => Array.from({ length: count }, make)

const classes: Readonly<Record<string, readonly string[]>> = {
  file: ['read', 'write', 'open', 'map'], chr_file: ['append'], dir: ['read', 'search', 'add_name'], process: ['fork', 'ptrace'],
  netlink_route_socket: ['nlmsg', 'bind'],
}
const commonPermissions = ['ioctl', 'getattr', 'lock']

/** Names the statements draw from; blocks and macros see them all. */
interface Vocabulary {
  readonly types: string[]
  readonly attributes: string[]
  readonly roles: string[]
  readonly users: string[]
  readonly booleans: string[]
}

class Generator {
  readonly #r: Random
  readonly #v: Vocabulary
  readonly #inherited = new Set<string>()

  constructor(seed: number) {
    this.#r = new Random(seed)
    this.#v = {
      types: numbered('t', 6 + this.#r.int(8)), attributes: numbered('a', 2 + this.#r.int(4)), roles: numbered('r', 2 + this.#r.int(2)),
      users: numbered('u', 2), booleans: numbered('b', 2 + this.#r.int(2)),
    }
  }

  policy(): string {
    const r = this.#r
    const parts = [...this.#base(), ...times(15 + r.int(20), () => this.#rule()), ...times(r.int(6), () => this.#typeRule()),
      ...times(r.int(5), () => this.#booleanif()), ...times(r.int(4), () => this.#optional()), ...this.#templates(),
      ...times(r.int(6), () => this.#label()), ...times(r.int(4), () => this.#constraint()), ...times(r.int(4), () => this.#xperm()),
      ...times(r.int(3), () => this.#assertion()), ...this.#rest()]
    if (r.chance(15)) parts.splice(r.int(parts.length), 0, this.#mistake())
    return `${parts.join('\n')}\n`
  }

  #base(): string[] {
    const { types, attributes, roles, users, booleans } = this.#v
    const r = this.#r
    const names = Object.keys(classes)
    return [
      `(common file_common (${commonPermissions.join(' ')}))`,
      ...names.map((name) => `(class ${name} (${ownValue(classes, name)!.join(' ')}))`),
      '(classcommon file file_common)', '(classcommon chr_file file_common)', '(classcommon dir file_common)',
      '(classorder (file chr_file dir))', '(classorder (dir process))', '(classorder (unordered netlink_route_socket file))',
      '(classmap files (look change))', '(classmapping files look (file (read open getattr)))',
      '(classmapping files look (dir (search)))', '(classmapping files change (file (not (read open))))',
      '(classpermission run)', '(classpermissionset run (process (all)))', '(classpermissionset run (files (look)))',
      ...types.map((type) => `(type ${type})`), ...attributes.map((attribute) => `(typeattribute ${attribute})`),
      ...attributes.map((attribute, i) => `(typeattributeset ${attribute} ${this.#set(types, attributes.slice(0, i))})`),
      ...(r.chance(30) ? [`(expandtypeattribute (${r.pick(attributes)}) ${r.chance(50)})`] : []),
      `(typealias ta)(typealiasactual ta ${r.pick(types)})`, '(role object_r)', ...roles.map((role) => `(role ${role})`),
      '(roleattribute ra)', `(roleattributeset ra ${this.#set(roles, [])})`,
      '(typeattribute every)', '(typeattributeset every (all))', '(roletype object_r every)',
      ...roles.map((role) => `(roletype ${role} ${r.pick([...types, ...attributes])})`), '(roletype r0 every)',
      `(roleallow ${r.pick(roles)} ${r.pick([...roles, 'ra'])})`,
      `(roletransition ${r.pick(roles)} ${r.pick(types)} ${r.pick(['process', 'files'])} ${r.pick(roles)})`,
      ...numbered('s', 3).map((s) => `(sensitivity ${s})`), '(sensitivityorder (s0 s1))(sensitivityorder (s1 s2))',
      ...numbered('c', 6).map((c) => `(category ${c})`), '(categoryorder (c0 c1 c2 c3 c4 c5))',
      '(categoryset cs (c0 c2))', '(categoryset ct (and (range c0 c3) (not cs)))', '(categoryalias ca)(categoryaliasactual ca c5)',
      ...numbered('s', 3).map((s) => `(sensitivitycategory ${s} (range c0 c5))`), '(sensitivityalias sa)(sensitivityaliasactual sa s1)',
      '(level low (s0))', '(level high (s2 (range c0 c5)))', '(levelrange full (low high))', '(levelrange some (low (s1 (cs))))',
      ...users.map((user) => `(user ${user})(userlevel ${user} low)(userrange ${user} full)`),
      ...users.map((user) => `(userrole ${user} object_r)(userrole ${user} r0)(userrole ${user} ${r.pick([...roles, 'ra'])})`),
      ...booleans.map((bool) => `(boolean ${bool} ${r.chance(50)})`), `(tunable tun ${r.chance(50)})`, '(sid kernel)(sid security)',
      '(sidorder (kernel security))', `(sidcontext kernel (u0 r0 ${r.pick(types)} full))`,
      `(mls ${r.chance(80)})`, `(handleunknown ${r.pick(['allow', 'deny', 'reject'])})`,
    ]
  }

  /** A set expression over members and earlier sets. */
  #set(members: readonly string[], sets: readonly string[], depth = 2): string {
    const r = this.#r
    const leaf = (): string => r.pick([...members, ...sets])
    const part = (): string => depth === 0 || r.chance(50) ? leaf() : this.#set(members, sets, depth - 1)
    switch (r.int(6)) {
      case 0: return `(and ${part()} ${part()})`
      case 1: return `(or ${part()} ${part()})`
      case 2: return `(xor ${part()} ${part()})`
      case 3: return `(not ${part()})`
      default: return `(${r.some(members, 4).join(' ')})`
    }
  }

  #type(): string {
    return this.#r.chance(60) ? this.#r.pick(this.#v.types) : this.#r.pick([...this.#v.attributes, 'ta'])
  }

  #target(): string {
    return this.#r.chance(20) ? this.#r.pick(['self', 'self', 'notself', 'other']) : this.#type()
  }

  #permissions(): string {
    const r = this.#r
    if (r.chance(15)) return r.pick(['run', '(files (look))', '(files (change look))', '(files (all))', '(files (not look))'])
    const name = r.pick(Object.keys(classes))
    const own = name.includes('file') || name === 'dir' ? [...ownValue(classes, name)!, ...commonPermissions] : [...ownValue(classes, name)!]
    const list = r.some(own).join(' ')
    return `(${name} (${r.pick([list, list, list, 'all', `not (${list})`, `and (${list}) (not ${r.pick(own)})`])}))`
  }

  #rule(): string {
    const kind = this.#r.pick(['allow', 'allow', 'allow', 'auditallow', 'dontaudit'])
    return `(${kind} ${this.#type()} ${this.#target()} ${this.#permissions()})`
  }

  #typeRule(): string {
    const r = this.#r
    const kind = r.pick(['typetransition', 'typechange', 'typemember'])
    const to = r.chance(20) ? 'self' : this.#type()
    const name = kind === 'typetransition' && r.chance(40) ? ` "${r.pick(['x', 'a b', '*', 'log.1'])}"` : ''
    return `(${kind} ${this.#type()} ${to} ${r.pick(['file', 'dir', 'process', 'files'])}${name} ${r.pick(this.#v.types)})`
  }

  #condition(depth = 2): string {
    const r = this.#r
    const leaf = (): string => r.pick(this.#v.booleans)
    const part = (): string => depth === 0 || r.chance(60) ? leaf() : this.#condition(depth - 1)
    switch (r.int(7)) {
      case 0: return `(and ${part()} ${part()})`
      case 1: return `(or ${part()} ${part()})`
      case 2: return `(xor ${part()} ${part()})`
      case 3: return `(not ${part()})`
      case 4: return `(eq ${part()} ${part()})`
      case 5: return `(neq ${part()} ${part()})`
      default: return `(${leaf()})`
    }
  }

  #booleanif(): string {
    const r = this.#r
    const some = (): string => times(1 + r.int(3), () => r.chance(85) ? this.#rule() : this.#xperm()).join(' ')
    const branches = r.pick([`(true ${some()})`, `(false ${some()})`, `(true ${some()}) (false ${some()})`])
    return `(booleanif ${this.#condition()} ${branches})`
  }

  #optional(): string {
    const r = this.#r
    const name = `o${r.int(3)}`
    const inner = [this.#rule(), ...(r.chance(40) ? [`(typeattributeset ${r.pick(this.#v.attributes)} (${r.pick(this.#v.types)}))`] : []),
      ...(r.chance(30) ? ['(allow nobody self (file (read)))'] : []), ...(r.chance(20) ? [`(optional in_${name} ${this.#rule()})`] : [])]
    return `(optional ${name} ${inner.join(' ')})`
  }

  /** Blocks, macros, ins and calls. */
  #templates(): string[] {
    const r = this.#r
    const parts = [
      `(block base_block (blockabstract base_block) (type process_t) (typeattributeset ${r.pick(this.#v.attributes)} (process_t)) ${this.#rule()} (allow process_t self (process (fork))))`,
      '(block app (blockinherit base_block) (type data_t) (allow process_t data_t (file (read))) (block inner (type deep_t) (allow deep_t .app.data_t (dir (search)))))',
      '(macro give ((type who)(type what)(classpermission how)) (allow who what how) (dontaudit who what (dir (all))))',
      `(call give (${this.#type()} app.data_t ${r.pick(['run', '(file (read write))', '(files (look))'])}))`,
      '(macro name_it ((string n)(type x)) (typetransition x app.inner.deep_t dir n app.data_t))', `(call name_it ("made" ${r.pick(this.#v.types)}))`,
      '(macro ranged ((user u)(level l)(levelrange lr)) (userlevel u l))', '(call ranged (u0 (s1 (cs)) (low high)))',
    ]
    if (r.chance(50)) parts.push('(in app (type late_t) (allow late_t process_t (process (ptrace))))')
    if (r.chance(40)) parts.push('(block other_app (blockinherit app))', '(call give (other_app.process_t other_app.inner.deep_t run))')
    if (r.chance(40)) parts.push('(in after other_block (type after_t))', '(block other_block (blockinherit base_block))')
    if (r.chance(50)) parts.push(`(tunableif ${r.pick(['tun', '(not tun)'])} (true ${this.#rule()}) (false ${this.#rule()}))`)
    return parts
  }

  #context(): string {
    const r = this.#r
    const range = r.pick(['full', 'some', '((s0) (s0))', '((s0 (c1)) (s1 (c0 c1)))', '((sa) (s2 (ct ca)))'])
    return `(${r.pick(this.#v.users)} ${r.pick(['object_r', 'r0'])} ${r.pick(this.#v.types)} ${range})`
  }

  #label(): string {
    const r = this.#r
    const context = this.#context()
    switch (r.int(9)) {
      case 0: return `(portcon ${r.pick(['tcp', 'udp', 'dccp', 'sctp'])} ${r.pick([String(r.int(9000)), `(${r.int(100)} ${100 + r.int(9000)})`])} ${context})`
      case 1: return `(nodecon 10.${r.int(256)}.0.0 255.255.0.0 ${context})`
      case 2: return `(nodecon fe80::${r.int(99)} ffff:ffff::${r.int(9)} ${context})`
      case 3: return `(netifcon eth${r.int(20)} ${context} ${this.#context()})`
      case 4: return `(genfscon ${r.pick(['proc', 'sysfs'])} "/x${r.int(50)}" ${r.pick(['', 'dir ', 'any '])}${context})`
      case 5: return `(fsuse ${r.pick(['xattr', 'trans', 'task'])} fs${r.int(30)} ${context})`
      case 6: return `(ibpkeycon fe80:: ${r.int(900)} ${context})`
      case 7: return `(ibendportcon mlx${r.int(9)} ${1 + r.int(200)} ${context})`
      default: {
        const path = r.pick(['/a', '/usr/.*', '/usr/bin(/.*)?', '/etc/x\\.conf', '/[ab]c', '/var/log/.*\\.log']) + r.int(30)
        const type = r.pick(['any', 'file', 'dir', 'char', 'block', 'socket', 'pipe', 'symlink'])
        return `(filecon "${path}" ${type} ${r.chance(15) ? '()' : context})`
      }
    }
  }

  #constraint(): string {
    const r = this.#r
    const leaf = (): string => r.pick([
      '(eq u1 u2)', '(eq r1 r2)', '(dom r1 r2)', '(neq t1 t2)', `(eq t1 ${this.#type()})`, `(neq t2 (${r.some([...this.#v.types, ...this.#v.attributes], 3).join(' ')}))`,
      '(eq r1 ra)', '(eq u2 (u0 u1))', '(eq r2 (object_r r0))',
    ])
    const mls = (): string => r.pick(['(dom l1 l2)', '(domby l1 h1)', '(incomp h1 h2)', '(eq l2 h2)', '(dom h1 l2)'])
    const join = (part: () => string): string => r.pick([part(), `(or ${part()} ${part()})`, `(and ${part()} (not ${part()}))`])
    switch (r.int(4)) {
      case 0: return `(constrain ${this.#permissions()} ${join(leaf)})`
      case 1: return `(mlsconstrain ${this.#permissions()} ${join(() => r.chance(50) ? leaf() : mls())})`
      case 2: return `(validatetrans ${r.pick(['file', 'dir', 'files'])} ${r.pick([join(leaf), `(eq t3 ${this.#type()})`])})`
      default: return `(mlsvalidatetrans file ${join(mls)})`
    }
  }

  #numbers(): string {
    const r = this.#r
    const low = r.int(0x3000)
    return r.pick([`(0x${low.toString(16)})`, `(range 0x${low.toString(16)} 0x${(low + r.int(0x500)).toString(16)})`,
      `((range 0x1000 0x11ff) 0x${low.toString(16)} 5 017)`, '(and (range 0x0 0xfff) (not (range 0x10 0x5ff)))', '(xor (0x1) (0x2))'])
  }

  #xperm(): string {
    const kind = this.#r.pick(['allowx', 'auditallowx', 'dontauditx'])
    const what = this.#r.chance(75) ? `ioctl ${this.#r.pick(['file', 'chr_file', 'dir'])}` : 'nlmsg netlink_route_socket'
    return `(${kind} ${this.#type()} ${this.#target()} (${what} ${this.#numbers()}))`
  }

  #assertion(): string {
    const r = this.#r
    // Permissions as a plain list: secilc 3.8 does not work out an expression in a deny rule, and crashes on some.
    if (r.chance(30)) return `(deny ${this.#type()} ${this.#target()} ${r.pick(['(file (read write))', '(files (look))', '(process (fork))', 'run'])})`
    if (r.chance(20)) return `(neverallowx ${this.#type()} ${this.#target()} (ioctl file ${this.#numbers()}))`
    return r.chance(40) ? `(neverallow ${this.#type()} ${this.#target()} ${this.#permissions()})` : this.#rule()
  }

  /** What real policies have little of. */
  #seldom(): string[] {
    const r = this.#r
    const [first, second] = [this.#v.roles[0]!, this.#v.roles[1]!]
    const statements = [
      `(defaultrole ${r.pick(['file', '(dir process)'])} ${r.pick(['source', 'target'])})`,
      `(defaulttype ${r.pick(['chr_file', 'files'])} ${r.pick(['source', 'target'])})`,
      `(userattribute ua)(userattributeset ua ${r.pick(['(u0)', '(not (u0))', '(or u0 u1)'])})(userrole ua ${second})`,
      `(userbounds ${r.pick(['u0 u1', 'u1 u0'])})`, `(rolebounds ${r.pick([`${first} ${second}`, `${second} ${first}`])})`,
      `(ipaddr home 10.1.0.0)(ipaddr mask 255.255.0.0)(nodecon home mask ${this.#context()})`,
      `(context named ${this.#context()})(genfscon proc "/named" named)`,
      '(userprefix u0 pre)', '(selinuxuser name u0 full)', '(selinuxuserdefault u1 full)',
    ]
    return statements.filter(() => r.chance(15))
  }

  #rest(): string[] {
    const r = this.#r
    const parts = [`(rangetransition ${this.#type()} ${this.#type()} ${r.pick(['process', 'files'])} ${r.pick(['full', '(low (s1 (c1)))'])})`,
      `(policycap ${r.pick(['open_perms', 'network_peer_controls'])})`]
    const bound = (parent: string, child: string): void => {
      if (parent === child || this.#inherited.has(child)) return
      this.#inherited.add(child)
      parts.push(`(typebounds ${parent} ${child})`)
    }
    if (r.chance(15)) bound(this.#v.types[0]!, this.#v.types[1]!)
    if (r.chance(30)) parts.push(`(typepermissive ${r.pick(this.#v.types)})`)
    if (r.chance(40)) parts.push(`(defaultuser ${r.pick(['file', '(dir process)', 'files'])} ${r.pick(['source', 'target'])})`)
    if (r.chance(40)) parts.push(`(defaultrange (chr_file) ${r.pick(['source low', 'target high', 'source low-high', 'glblub'])})`)
    parts.push(...this.#seldom())
    return parts
  }

  /** Something that the compilers should both refuse, or that turns out to be allowed. */
  #mistake(): string {
    const r = this.#r
    return r.pick([
      '(allow nobody self (file (read)))', '(allow t0 t1 (file (nothing)))', '(type t0)', '(typeattribute t0)', '(call give (t0))',
      '(call nothing (t0))', '(blockinherit nothing)', '(in nothing (type x))', '(typealias dangling)', '(classorder (dir file))',
      '(typeattribute loop)(typeattributeset loop (loop))', '(userlevel u0 (s0 (c0 c9)))', '(userrange u1 ((s2) (s0)))',
      '(booleanif t0 (true (allow t0 t0 (file (read)))))', '(booleanif b0 (true (type y)))', '(optional o9 (block z))',
      '(macro m9 ((type q)) (allow q self (file (read))) (type q))', '(macro again () (call again))(call again)',
      '(block rec (blockinherit rec))', '(permissionx px (ioctl process (0x1)))', '(allowx t0 t0 (ioctl file (0x10000)))',
      '(portcon tcp 22 (u0 r0 t0 ((s2)(s0))))', '(portcon tcp 23 (u0 r9 t0 full))', '(policycap nonsense)', '(mls true)(mls false)',
      '(roletransition ra t0 process ra)', '(typetransition t0 t0 file a0)', '(sidcontext kernel (u0 r0 t0 full))',
      '(constrain (file (read)) (eq l1 l2))', '(constrain (file (read)) (eq t3 t0))', '(category c6)', '(sid third)',
      '(defaultuser file nobody)', '(typebounds a0 t0)', '(classmapping files nothing (file (read)))', '(classpermission empty)',
      '(filecon "/x" nothing ())', '(filecon "/q" any (u0 r0 t0 full))(filecon "/q" any (u1 r0 t0 full))', '(', ')', '(allow)', '(nonsense)',
      '(allow t0 t1 (file (read)) x)', '(type 1abc)', '(type all)', '(typepermissive a0)', '"text"', '(allow t0 t1 (file read))',
      '(tunableif b0 (true (type yy)))', '(level l9 (s9))', '(categoryorder (c3 c1))', '(class extra (x))', '(user u9)',
    ])
  }
}

/** A policy of some 200 statements. */
export const generatePolicy = (seed: number): string => new Generator(seed).policy()
