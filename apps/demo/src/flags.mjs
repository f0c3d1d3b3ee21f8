/**
 * The options behind `npm start --`, in plain JavaScript: `scripts/run.mjs` reads them before anything is built, and
 * answers help and mistakes at once.
 */
import { parseArgs } from 'node:util'

/** Names of the LSMs that `--lsm` takes; `modules` of stacks.ts makes them. */
export const lsmNames = [
  'capability', 'smack', 'yama', 'landlock', 'lockdown', 'safesetid', 'loadpin', 'warden', 'selinux', 'apparmor',
]

export const usage = `npm start [-- OPTIONS]

  --lsm a,b             boots this stack alone, beside one with security off:
                        ${lsmNames.slice(0, 6).join(', ')},
                        ${lsmNames.slice(6).join(', ')}
  --ask                 asks for them at a prompt
  --policy FILE         SELinux's policy instead of ours: a binary kernel
                        policy, packed by gzip or xz too
  --file-contexts FILE  the labels of files by path that go with it; the files
                        beside it count
  --full                who refused what on which hook, the whole matrix, audit
                        records, hooks, and a policy learned from a log
  --json                prints the tour as one JSON document
  --serve [--port N]    serves the console on 127.0.0.1 instead, at port N or a
                        free one; --fleet FILE is a status for its Fleet view
  --help                prints this

Examples: npm start -- --lsm smack,yama
          npm start -- --lsm capability,warden --json
          npm start -- --policy /etc/selinux/default/policy/policy.33`

const options = {
  lsm: { type: 'string' },
  ask: { type: 'boolean', default: false },
  policy: { type: 'string' },
  'file-contexts': { type: 'string' },
  full: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
}

/** Letters that two words of a slip have in common at their beginning or end. */
const COMMON = 2

const sorted = (word) => [...word].sort().join('')

/** The word with the same letters, or the same beginning or end; core's own hint cannot be had before it is built. */
const near = (word, known) =>
  known.find((name) => sorted(name) === sorted(word)) ??
  known.find((name) => name.startsWith(word.slice(0, COMMON)) || name.endsWith(word.slice(-COMMON)))

const hint = (word, known, shown) => {
  const name = near(word, known)
  return name === undefined ? `known: ${known.map(shown).join(', ')}` : `did you mean \`${shown(name)}\`?`
}

/** Names of `a,b`, or a sentence about the first that is not a module. */
const parseLsms = (text) => {
  const names = [...new Set(text.split(',').filter((name) => name !== ''))]
  const odd = names.find((name) => !lsmNames.includes(name))
  return odd === undefined ? names : `there is no module \`${odd}\` (${hint(odd, lsmNames, (name) => name)})`
}

/** The flags, or a sentence about the mistake in them. */
export const parseFlags = (args) => {
  const odd = args.find((arg) => /^--[^=]/.test(arg) && !Object.hasOwn(options, arg.slice(2).split('=')[0]))
  if (odd !== undefined) {
    const name = odd.split('=')[0]
    return `there is no option \`${name}\` (${hint(name.slice(2), Object.keys(options), (one) => `--${one}`)})`
  }
  try {
    const { values } = parseArgs({ args: [...args], options })
    const lsms = values.lsm === undefined ? null : parseLsms(values.lsm)
    if (typeof lsms === 'string') return lsms
    const { ask, full, json, help, policy = null, 'file-contexts': fileContexts = null } = values
    if (fileContexts !== null && policy === null) return '`--file-contexts` goes with `--policy`'
    return { lsms, ask, full, json, help, policy, fileContexts }
  } catch (error) {
    return error.message
  }
}
