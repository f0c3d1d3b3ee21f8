/**
 * CIL that costs more than it looks: each shape for any size, as a whole policy. What compiles must do so in steps that
 * grow as the text does; what cannot is refused with a CilError, never with a full stack or heap.
 */

const base = `(class file (read write open)) (classorder (file)) (sid kernel) (sidorder (kernel)) (mls true)
(type base_t) (role base_r) (roletype base_r base_t) (user base_u) (userrole base_u base_r)
(category base_c) (categoryorder (base_c)) (sensitivity base_s) (sensitivityorder (base_s))
(sensitivitycategory base_s (base_c)) (userlevel base_u (base_s)) (userrange base_u ((base_s) (base_s)))
(sidcontext kernel (base_u base_r base_t ((base_s) (base_s)))) (allow base_t base_t (file (read)))
`

/** `n` lines, one after the other. */
const lines = (n: number, line: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => line(i)).join('\n')

/** Link after link, the first naming the second and so on; what the last names is `end`. */
const chain = (n: number, link: (name: string, next: string) => string, name: string, end: string): string =>
  lines(n, (i) => link(`${name}${i}`, i + 1 < n ? `${name}${i + 1}` : end))

const shapes = {
  // Chains, which a recursive reader follows on its stack.
  'attributes in a chain': (n) =>
    chain(n, (a, b) => `(typeattribute ${a}) (typeattributeset ${a} (${b}))`, 'a', 'base_t'),
  'role attributes in a chain': (n) =>
    chain(n, (a, b) => `(roleattribute ${a}) (roleattributeset ${a} (${b}))`, 'a', 'base_r'),
  'user attributes in a chain': (n) =>
    chain(n, (a, b) => `(userattribute ${a}) (userattributeset ${a} (${b}))`, 'a', 'base_u'),
  'category sets in a chain': (n) => chain(n, (a, b) => `(categoryset ${a} (${b}))`, 'a', 'base_c'),
  'class permissions in a chain': (n) =>
    chain(n, (a, b) => `(classpermission ${a}) (classpermissionset ${a} ${b})`, 'p', '(file (read))'),
  'class maps in a chain': (n) =>
    `${chain(n, (a, b) => `(classmap ${a} (e)) (classmapping ${a} e (${b} (e)))`, 'm', 'last')}
(classmap last (e)) (classmapping last e (file (read)))`,
  'generated attributes in a neverallow': (n) => `${chain(n, (a, b) =>
    `(typeattribute ${a}_typeattr_) (typeattributeset ${a}_typeattr_ (${b}_typeattr_))`, 'a', 'last')}
(typeattribute last_typeattr_) (neverallow a0_typeattr_ base_t (file (write)))`,
  'macros that call the next': (n) => `${chain(n, (a, b) => `(macro ${a} () (call ${b}))`, 'm', 'last')}
(macro last () (allow base_t base_t (file (write)))) (call m0)`,
  'macros with an argument that call the next': (n) =>
    `${chain(n, (a, b) => `(macro ${a} ((type t)) (call ${b} (t)))`, 'm', 'last')}
(macro last ((type t)) (allow t t (file (write)))) (call m0 (base_t))`,
  'macros that pass a string on': (n) =>
    `${chain(n, (a, b) => `(macro ${a} ((string s)) (call ${b} (s)))`, 'm', 'last')}
(macro last ((string s)) (typetransition base_t base_t file s base_t)) (call m0 ("x"))`,
  'blocks that inherit the next': (n) =>
    `${chain(n, (a, b) => `(block ${a} (blockinherit ${b}))`, 'b', 'last')} (block last (type t))`,
  'ins that wait for the one before': (n) => {
    const deep = Math.min(n, 100)
    const ways = Array.from({ length: deep + 1 }, (_, i) => lines(i + 1, (k) => `b${k}`).replaceAll('\n', '.'))
    return `(block b0)\n${lines(deep, (i) => `(in ${ways[i]} (block b${i + 1}))`)}\n${lines(n, (i) =>
      `(in ${ways[deep]} (type t${i}))`)}`
  },
  // What stands beside one another, and each looks at all the others.
  'type aliases in a chain': (n) =>
    chain(n, (a, b) => `(typealias ${a}) (typealiasactual ${a} ${b})`, 'a', 'base_t'),
  'sensitivity aliases in a chain': (n) =>
    chain(n, (a, b) => `(sensitivityalias ${a}) (sensitivityaliasactual ${a} ${b})`, 'a', 'base_s'),
  'category aliases in a chain': (n) =>
    chain(n, (a, b) => `(categoryalias ${a}) (categoryaliasactual ${a} ${b})`, 'a', 'base_c'),
  'types that bound the next': (n) => chain(n, (a, b) => `(type ${a}) (typebounds ${a} ${b})`, 't', 'base_t'),
  'roles that bound the next': (n) => chain(n, (a, b) => `(role ${a}) (rolebounds ${a} ${b})`, 'r', 'base_r'),
  'optionals that need the one before': (n) =>
    `(optional o0 (type t0) (roletype base_r nothing))\n${lines(n, (i) =>
      `(optional o${i + 1} (type t${i + 1}) (roletype base_r t${i}))`)}`,
  'optionals that need the one behind': (n) =>
    `${lines(n, (i) => `(optional o${i} (type t${i}) (roletype base_r t${i + 1}))`)}`,
  'optionals with aliases that need the one behind': (n) =>
    lines(n, (i) => `(optional o${i} (typealias t${i}) (typealiasactual t${i} t${i + 1})
(allow base_t t${i} (file (read))))`),
  'optionals that uncover an outer name': (n) => `(type t) (macro m ((type x)) (allow x x (file (read))))
${lines(n, (i) =>
    `(block b${i} (optional o (type t) (roletype base_r .b${i + 1}.t))
(typealias a) (typealiasactual a t) (call m (a)))`
      .replace(`.b${n}.t`, 'nothing'))}`,
  'optionals with calls that need the one behind': (n) => `(macro m ((type x)) (roletype base_r x))\n${lines(n, (i) =>
    `(optional o${i} (type t${i}) (call m (t${i + 1})))`)}`,
  'optionals inside one another': (n) =>
    `${lines(Math.min(n, 900), (i) => `(optional o${i}`)} (roletype base_r nothing)${')'.repeat(Math.min(n, 900))}`,
  'many optionals on one line': (n) =>
    lines(n, (i) => `(optional o${i} (roletype base_r nothing${i}))`).replaceAll('\n', ' '),
  'many marked lines with optionals': (n) => `${lines(n, (i) => `;;* lms ${i} f.te\n;;* lme`)}\n${lines(n, (i) =>
    `(optional o${i} (roletype base_r nothing${i}))`)}`,
  'attributes of all types': (n) =>
    `${lines(n, (i) => `(type t${i})`)}\n${lines(n, (i) => `(typeattribute a${i}) (typeattributeset a${i} (all))`)}`,
  'rules on attributes': (n) => `${lines(n, (i) => `(type t${i})`)}\n${lines(n, (i) =>
    `(typeattribute a${i}) (typeattributeset a${i} (t${i} base_t)) (allow a${i} self (file (read)))`)}`,
  'rules on attributes of all': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every)
(typeattributeset every (all))\n${lines(n, (i) => `(allow every t${i} (file (read)))`)}`,
  'rules on written out attributes': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every)
(typeattributeset every (all)) (expandtypeattribute every true) (allow every every (file (read)))`,
  'rules that leave out the source': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every)
(typeattributeset every (all)) (allow every notself (file (read)))`,
  'transitions of attributes': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every)
(typeattributeset every (all)) (typetransition every every file base_t)`,
  'name transitions of attributes': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every)
(typeattributeset every (all)) (typetransition every every file "x" base_t)`,
  'range transitions of attributes': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every)
(typeattributeset every (all)) (rangetransition every every file ((base_s) (base_s)))`,
  'denies': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every) (typeattributeset every (all))
(allow every every (file (read)))\n${lines(n, (i) => `(deny t${i} base_t (file (read)))`)}`,
  'neverallows': (n) => `${lines(n, (i) => `(type t${i}) (allow t${i} base_t (file (read)))`)}\n${lines(n, (i) =>
    `(neverallow t${i} base_t (file (write)))`)}`,
  'broken neverallows': (n) => `${lines(n, (i) => `(type t${i}) (allow t${i} base_t (file (read)))`)}\n${lines(n, (i) =>
    `(neverallow t${i} base_t (file (read)))`)}`,
  'neverallows of attributes': (n) => `${lines(n, (i) =>
    `(type t${i}) (typeattribute a${i}) (typeattributeset a${i} (t${i})) (allow a${i} base_t (file (read)))`)}\n${
    lines(n, (i) => `(neverallow a${i} base_t (file (write)))`)}`,
  'bounded types with rules': (n) => lines(n, (i) =>
    `(type t${i}) (typebounds base_t t${i}) (allow t${i} base_t (file (read)))`),
  'numbers of ioctls': (n) =>
    `(class dev (ioctl)) (classorder (unordered dev)) (allowx base_t base_t (ioctl dev (${lines(n, (i) =>
      `0x${(i & 0xffff).toString(16)}`)})))`,
  'rules on ioctls': (n) => `(class dev (ioctl)) (classorder (unordered dev))\n${lines(n, (i) =>
    `(type t${i}) (allowx t${i} base_t (ioctl dev (not (0x${(i & 0xffff).toString(16)}))))`)}`,
  'rules on ioctls of one pair': (n) => `(class dev (ioctl)) (classorder (unordered dev))\n${lines(n, (i) =>
    `(allowx base_t base_t (ioctl dev (0x${((i * 2) & 0xffff).toString(16)})))`)}`,
  'entries of a class map': (n) => `(classmap m (${lines(n, (i) => `e${i}`)}))\n${lines(n, (i) =>
    `(classmapping m e${i} (file (read))) (allow base_t base_t (m (e${i})))`)}`,
  'all entries of a class map': (n) => `(classmap m (${lines(n, (i) => `e${i}`)}))\n${lines(n, (i) =>
    `(classmapping m e${i} (file (read))) (allow base_t base_t (m (all)))`)}`,
  'defaults of a class map': (n) => `(classmap m (${lines(n, (i) => `e${i}`)}))\n${lines(n, (i) =>
    `(classmapping m e${i} (file (read))) (typetransition base_t base_t m base_t)`)}`,
  'sets of sets of permissions': (n) => `(classpermission p0) (classpermissionset p0 (file (read)))\n${lines(n, (i) =>
    `(classpermission p${i + 1}) (classpermissionset p${i + 1} p${i}) (classpermissionset p${i + 1} p${i})`)}`,
  'contexts beside many categories': (n) => `${lines(n, (i) => `(category c${i})`)}
(categoryorder (base_c ${lines(n, (i) => `c${i}`)}))\n${lines(n, (i) =>
    `(filecon "/f${i}" any (base_u base_r base_t ((base_s (base_c)) (base_s (base_c)))))`)}`,
  'sensitivities beside many categories': (n) => `${lines(n, (i) => `(category c${i}) (sensitivity s${i})`)}
(categoryorder (base_c ${lines(n, (i) => `c${i}`)})) (sensitivityorder (base_s ${lines(n, (i) => `s${i}`)}))
${lines(n, (i) => `(sensitivitycategory s${i} (all))`)}`,
  'roles of all types': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every) (typeattributeset every (all))
${lines(n, (i) => `(role r${i}) (roletype r${i} every)`)}`,
  'types': (n) => lines(n, (i) => `(type t${i})`),
  'orders that leave a choice': (n) => lines(n, (i) => `(sid s${i}) (sidorder (s${i}))`),
  'names that nearly fit': (n) => `${lines(n, (i) => `(type ${'a'.repeat(200)}${i})`)}
(roletype base_r ${'a'.repeat(200)})`,
  'conditions of many booleans': (n) => `${lines(n, (i) => `(boolean b${i} true)`)}
(booleanif (${lines(n, (i) => `b${i}`)}) (true (allow base_t base_t (file (write)))))`,
  'conditions': (n) => lines(n, (i) =>
    `(boolean b${i} true) (booleanif b${i} (true (allow base_t base_t (file (write)))))`),
  'constraints on attributes': (n) => `${lines(n, (i) => `(type t${i})`)} (typeattribute every)
(typeattributeset every (all))\n${lines(n, () => '(constrain (file (read)) (eq t1 every))')}`,
  'blocks in blocks with long names': (n) => {
    const deep = Math.min(n, 300)
    const name = 'b'.repeat(1000)
    return `${lines(deep, () => `(block ${name}`)}${lines(n, (i) => `(type t${i})`)}${')'.repeat(deep)}`
  },
  'labels of general file systems': (n) =>
    lines(n, (i) => `(genfscon fs "/f${i}" dir (base_u base_r base_t ((base_s) (base_s))))`)
      .replace(/^/, '(class dir ()) (classorder (unordered dir))\n'),
  'ports that overlap': (n) => lines(n, (i) =>
    `(portcon tcp (${i % 10_000} ${60_000 - (i % 7919)}) (base_u base_r base_t ((base_s) (base_s))))`),
  'a word of one letter': (n) => `(type ${'a'.repeat(n)})`,
  'lists inside lists': (n) => `${'('.repeat(n)}${')'.repeat(n)}`,
  'copies of copies': (n) => `${lines(n, (i) => `(macro m${i} () (call m${i + 1}) (call m${i + 1}))`)}
(macro m${n} () (allow base_t base_t (file (read)))) (call m0)`,
  'generated attributes of twice the next': (n) => `${lines(n, (i) => `(typeattribute a${i}_typeattr_)
(typeattributeset a${i}_typeattr_ (a${i + 1}_typeattr_ a${i + 1}_typeattr_))`)}
(typeattribute a${n}_typeattr_) (neverallow a0_typeattr_ base_t (file (write)))`,
} satisfies Readonly<Record<string, (n: number) => string>>

export type CilBomb = keyof typeof shapes
export const cilBombs = Object.keys(shapes) as CilBomb[]

/** A policy of this shape; what it takes in text grows with `n`. */
export const cilBomb = (shape: CilBomb, n: number): string => base + shapes[shape](n)
