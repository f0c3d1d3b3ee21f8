/** Rules of files and links, and `change_profile`. */
import type { FileEntry, Prefix } from './ast.ts'
import { ProfileError } from './errors.ts'
import {
  ALL_FILE_PERMS, CHANGE_PROFILE, EXEC_BITS, EXEC_TYPE_BITS, LINK_BITS, OTHER_BITS, OWNER_BITS, parseFilePerms,
  UNSAFE_BITS,
} from './file-perms.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scan.ts'
import { meaningOf } from './unescape.ts'

const entryOf = (place: Place, name: string, perms: number): FileEntry => ({
  place, name, perms, link: null, target: null, subset: false, mode: null, audit: false, priority: 0,
})

/** Gives an entry what stands in front of it or of its block; a block's mode replaces the entry's own. */
export const applyPrefix = (entry: FileEntry, prefix: Prefix): void => {
  entry.mode = prefix.mode
  entry.priority = prefix.priority
  const shared = CHANGE_PROFILE | 0x40000000
  if (prefix.owner === 'owner') entry.perms = (entry.perms & (OWNER_BITS | shared)) >>> 0
  else if (prefix.owner === 'other') entry.perms = (entry.perms & (OTHER_BITS | shared)) >>> 0
  if (prefix.audit !== (prefix.mode === 'deny')) entry.audit = true
  if ((entry.perms & EXEC_BITS) === 0) return
  const typed = (entry.perms & EXEC_TYPE_BITS) !== 0
  if (prefix.mode === 'deny' && typed) {
    throw new ProfileError(
      'bad-permissions', 'a rule that denies has `x` alone, without `i`, `p`, `c` or `u`', entry.place,
    )
  }
  if (prefix.mode !== 'deny' && !typed) {
    throw new ProfileError('bad-permissions', '`x` needs a letter that says how the program is executed', entry.place, {
      hint: '`ix` under the same profile, `px` under its own, `cx` under a child, `ux` unconfined',
    })
  }
}

const isName = (kind: string): boolean => kind === 'id' || kind === 'word' || kind === 'set-variable'

/** A name where rules stand: a path, a word, or a variable alone. */
export const takeName = (scanner: Scanner, wanted: string): { text: string, place: Place } => {
  const token = scanner.peek('rule')
  if (!isName(token.kind)) throw scanner.wants(wanted, token)
  scanner.next('rule')
  const place = scanner.place(token.start)
  return { text: token.kind === 'set-variable' ? token.text : meaningOf(token.text), place }
}

/** `-> name`; null without it. */
/** apparmor_parser takes a target with an empty namespace, and the kernel then refuses the whole policy. */
const takeTarget = (scanner: Scanner): string | null => {
  if (scanner.take('rule', '->') === null) return null
  const token = scanner.expect('id', 'id', 'a name behind `->`')
  const target = meaningOf(token.text)
  if (/^&?:(?::|$)/u.test(target)) {
    throw new ProfileError('bad-name', `the namespace of \`${target}\` is empty`, scanner.place(token.start))
  }
  return target
}

const endRule = (scanner: Scanner): void => {
  const next = scanner.peek('rule')
  if (next.kind !== ',') throw scanner.wants('a comma behind the rule', next)
  scanner.next('rule')
}

const containsNamespace = (label: string): boolean => {
  const text = label.startsWith('&') ? label.slice(1) : label
  const end = text.indexOf(':', 1)
  return text.startsWith(':') && end > 1 && text.slice(end + 1).replace(/^\/\//u, '') !== ''
}

/** `/path rw,` or `/path px -> name,`. */
const parsePathFirst = (scanner: Scanner): FileEntry => {
  const { text, place } = takeName(scanner, 'a path or permissions')
  const modes = scanner.expect('rule', 'modes', 'permissions such as `rw`')
  const entry = entryOf(place, text, parseFilePerms(modes.text, scanner.place(modes.start)))
  entry.target = takeTarget(scanner)
  return entry
}

/** `rw /path,` or `l subset /path -> /target,`. */
const parsePermsFirst = (scanner: Scanner): FileEntry => {
  const modes = scanner.next('rule')
  const place = scanner.place(modes.start)
  const perms = parseFilePerms(modes.text, place)
  const links = (perms & LINK_BITS) !== 0
  const subset = scanner.peek('rule').text === 'subset'
  if (subset) {
    scanner.next('rule')
    if ((perms & ~LINK_BITS) !== 0) throw new ProfileError('bad-permissions', '`subset` is for links alone', place)
  }
  const { text } = takeName(scanner, 'a path')
  const entry = entryOf(place, text, perms)
  const target = takeTarget(scanner)
  if (!links) {
    entry.target = target
    return entry
  }
  entry.subset = subset
  entry.link = target
  if (target === null) return entry
  if ((perms & EXEC_BITS) !== 0) {
    throw new ProfileError('bad-permissions', '`->` cannot serve a link and a program at once', place)
  }
  if (containsNamespace(target)) {
    throw new ProfileError('bad-permissions', 'a link does not lead to another namespace', place)
  }
  return entry
}

/** The rule that follows `file`, or stands alone: `[safe|unsafe]`, then path and permissions in either order. */
export const parseFileRule = (scanner: Scanner, afterFile: boolean): FileEntry => {
  const first = scanner.peek('rule')
  if (afterFile && first.kind === ',') {
    scanner.next('rule')
    return entryOf(scanner.place(first.start), '/{**,}', ALL_FILE_PERMS)
  }
  const execMode = first.kind === 'word' && (first.text === 'safe' || first.text === 'unsafe')
    ? scanner.next('rule').text
    : null
  const entry = scanner.peek('rule').kind === 'modes' ? parsePermsFirst(scanner) : parsePathFirst(scanner)
  endRule(scanner)
  if (execMode === null) return entry
  if ((entry.perms & EXEC_BITS) === 0) {
    throw new ProfileError('bad-permissions', `\`${execMode}\` is for rules that execute`, entry.place)
  }
  const unsafe = (entry.perms & EXEC_BITS) << 8 & UNSAFE_BITS
  entry.perms = (execMode === 'unsafe' ? entry.perms | unsafe : entry.perms & ~UNSAFE_BITS) >>> 0
  return entry
}

/** `link [subset] /path -> /target,`; `link` was read. */
export const parseLinkRule = (scanner: Scanner, place: Place): FileEntry => {
  const subset = scanner.peek('rule').text === 'subset'
  if (subset) scanner.next('rule')
  const entry = entryOf(place, takeName(scanner, 'the path of a link').text, LINK_BITS)
  entry.subset = subset
  if (scanner.peek('rule').kind !== '->') throw scanner.wants('`->` and the target of the link', scanner.peek('rule'))
  entry.link = takeTarget(scanner)
  endRule(scanner)
  return entry
}

/** `change_profile [safe|unsafe] [/program] [-> profile],`; `change_profile` was read. */
export const parseChangeProfile = (scanner: Scanner, place: Place, prefix: Prefix): FileEntry => {
  if (prefix.owner !== null) throw new ProfileError('bad-prefix', 'change_profile rules have no owner', place)
  const mode = scanner.take('changeProfile', 'access')?.text ?? null
  const program = scanner.take('changeProfile', 'id')
  const exec = program === null ? null : meaningOf(program.text)
  let name = '**'
  if (scanner.take('changeProfile', '->') !== null) name = meaningOf(scanner.expect('id', 'id', 'a profile').text)
  scanner.expect('changeProfile', ',', 'a comma behind the rule')
  if (exec === null && mode !== null) {
    throw new ProfileError('bad-permissions', `\`${mode}\` needs the program that is executed`, place)
  }
  if (exec !== null && !exec.startsWith('/') && !exec.startsWith('@{')) {
    throw new ProfileError('bad-name', 'the program of a change_profile rule begins with `/`', place)
  }
  const unsafe = mode === 'unsafe' && exec !== null
  const perms = CHANGE_PROFILE | (exec === null ? 0 : EXEC_BITS) | (unsafe ? UNSAFE_BITS : 0)
  const entry = entryOf(place, name, perms >>> 0)
  entry.link = exec
  if (prefix.mode === 'deny') entry.mode = 'deny'
  entry.audit = prefix.mode === 'deny' ? !prefix.audit : prefix.audit
  return entry
}
