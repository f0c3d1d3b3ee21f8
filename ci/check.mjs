/**
 * The script of the GitHub Action and the GitLab template: every check of the `lsm` command on the files of a
 * repository, and the difference of its policies to a base. Node's own modules alone: nothing is installed but the
 * command.
 *
 * LSM_SELINUX, LSM_SMACK, LSM_BPF, LSM_SCENARIOS, LSM_FLOWS, LSM_CAPABILITIES name what there is, one a line;
 * LSM_BPF_KERNELS has the releases that BPF objects are verified for and LSM_BPF_BTF their types; LSM_KERNEL is
 * the release that scenarios run on; LSM_BASE is the
 * commit to compare with; reports go to LSM_REPORTS. LSM_COMMAND is the command itself, as a JSON array, for
 * those who have it; else npx fetches LSM_VERSION. Ends with 1 when something was found, with 2 when it cannot be run.
 */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const { env } = process
/*
 * Names of a repository's files in what is printed, made safe as @lsmkit/abi does it (safe-text.ts): this file has to
 * be one, without dependencies.
 */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const escapeOf = (char) => {
  const code = char.codePointAt(0)
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`
  return code > 0xffff ? `\\u{${code.toString(16).padStart(5, '0')}}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** One line in which nothing acts. */
const oneLine = (text) => text.replace(unseen, escapeOf).replaceAll('\n', '\\n').replaceAll('\t', '\\t')

/** What a command of the runner carries. */
const workflowData = (text) => oneLine(text).replaceAll('%', '%25')

/** A line that is no command of the runner. */
const workflowLine = (text) => oneLine(text).replace(/^(\s*):(?=:)/, '$1\\x3a').replaceAll('##[', '#\\x23[')

/** A code span, where there is no mention, no link and no HTML. */
const code = (text) => {
  const line = oneLine(text)
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return fence + (/^`|`$|^ .* $|^$/.test(line) ? ` ${line} ` : line) + fence
}

/** A line that is no command, whatever file it names. */
const print = (line) => process.stdout.write(`${workflowLine(line)}\n`)
const note = (line) => process.stderr.write(`${workflowLine(line)}\n`)
/** A command of the runner. */
const tell = (command, text = '') => process.stdout.write(`::${command}::${workflowData(text)}\n`)
const reports = resolve(env.LSM_REPORTS || 'lsmkit-reports')

/** The words of a variable, a line each. */
const lines = (name) => (env[name] ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '')

const command = env.LSM_COMMAND ? JSON.parse(env.LSM_COMMAND)
  : ['npx', '--yes', `--package=@lsmkit/cli@${env.LSM_VERSION || 'latest'}`, 'lsm']

/**
 * Runs the command as in a folder, its words on our own output, and answers its exit code. A signal or a missing
 * program is 2.
 */
const lsm = (args, stdout = 'inherit', cwd = process.cwd()) => {
  const [program, ...first] = command
  const { status, stdout: output, error } = spawnSync(program, [...first, ...args],
    { stdio: ['ignore', stdout, 'inherit'], encoding: 'utf8', env: { ...env, INIT_CWD: cwd },
      maxBuffer: 2 ** 28 })
  if (error) note(`${program}: ${error.message}`)
  return { exit: status ?? 2, text: output ?? '' }
}

let worst = 0
let count = 0

/** A check with its reports; 1 and above fail it. */
const check = (name, args) => {
  const file = `${String(++count).padStart(3, '0')}-${name}`
  tell('group', `lsm ${args.join(' ')}`)
  const { exit } = lsm([...args, '--reporter', env.GITHUB_ACTIONS ? 'github' : 'pretty',
    '--reporter', `sarif=${join(reports, `${file}.sarif`)}`, '--reporter', `junit=${join(reports, `${file}.xml`)}`])
  tell('endgroup')
  if (exit !== 0) print(`lsm ${args.slice(0, 2).join(' ')} ends with ${exit}`)
  worst = Math.max(worst, exit)
}

/** Files that a pattern names; one that names none is a mistake, not a pass. */
const filesOf = (pattern) => {
  const found = globSync(pattern).sort()
  if (found.length > 0) return found
  note(`\`${pattern}\` names no file`)
  worst = Math.max(worst, 2)
  return []
}

/** Policies as the base has them, in a folder that is thrown away. */
const withBase = (base, use) => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-base-'))
  const git = (...args) => spawnSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    // A shallow clone does not have it.
    if (git('cat-file', '-e', `${base}^{commit}`).status !== 0) git('fetch', '--depth=1', 'origin', base)
    const known = git('rev-parse', '--verify', '--quiet', `${base}^{commit}`)
    const commit = known.status === 0 ? known.stdout.trim() : git('rev-parse', 'FETCH_HEAD').stdout.trim()
    const added = git('worktree', 'add', '--detach', '--force', join(folder, 'tree'), commit)
    if (added.status !== 0) throw new Error(added.stderr.trim())
    use(join(folder, 'tree'))
  } finally {
    git('worktree', 'remove', '--force', join(folder, 'tree'))
    rmSync(folder, { recursive: true, force: true })
  }
}

const titled = (name, text) => `### Policy: ${code(name)}\n\n${text}\n`

/** The difference of one policy as Markdown, null when there is none. */
const differenceOf = (tree, path) => {
  const before = join(tree, path)
  if (!existsSync(path)) return titled(path, 'It is gone.')
  if (!existsSync(before)) return titled(path, 'It is new.')
  return compared(path, before, path, (text) => text.replaceAll(`${tree}/`, 'base: '))
}

/** `named` gives the two sides the names that a reader knows. */
const compared = (name, before, after, named) => {
  const { exit, text } = lsm(['policy', 'diff', before, after, '--format', 'markdown'], 'pipe')
  if (exit > 1) {
    worst = Math.max(worst, exit)
    return titled(name, 'It cannot be compared.')
  }
  return exit === 0 ? null : named(text)
}

/** A policy that is compiled with options: both sides are compiled first. */
const compiledDifference = (tree, { line, words }) => {
  const [before, after] = ['before', 'after'].map((name) => join(tree, '..', `${name}.policy`))
  const compile = (cwd, output) => lsm(['selinux', 'compile', ...words, '-N', '-o', output], 'ignore', cwd).exit === 0
  if (!compile(process.cwd(), after)) return titled(line, 'It does not compile.')
  if (!compile(tree, before)) return titled(line, 'It does not compile in the base.')
  return compared(line, before, after,
    (text) => text.replace(/^### .*$/m, () => `### Policy: ${code(`base: ${line}`)} → ${code(line)}`))
}

/** Words of a line, as a shell has them: quotes keep spaces. */
const wordsOf = (line) => Array.from(line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g),
  ([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))

mkdirSync(reports, { recursive: true })
/** A path, or a line of options and paths as `lsm selinux compile` takes them: `-m --modules modules.conf policy/`. */
const selinux = lines('LSM_SELINUX').map((line) => ({ line, words: line.startsWith('-') ? wordsOf(line) : [line] }))
const policies = {
  selinux: selinux.filter(({ line }) => !line.startsWith('-')).map(({ line }) => line),
  smack: lines('LSM_SMACK'), capabilities: lines('LSM_CAPABILITIES'),
}

for (const { words } of selinux) check('selinux', ['selinux', 'compile', ...words])
if (policies.smack.length > 0) check('smack', ['smack', 'check', ...policies.smack])
const objects = lines('LSM_BPF').flatMap(filesOf)
const kernels = lines('LSM_BPF_KERNELS').join(',')
if (objects.length > 0 && kernels !== '') {
  const types = lines('LSM_BPF_BTF').flatMap((path) => ['--btf', path])
  check('bpf', ['bpf', 'verify', '--kernel', kernels, ...types, ...objects])
} else for (const file of objects) check('bpf', ['bpf', 'verify', file])
const scenarios = lines('LSM_SCENARIOS').flatMap(filesOf)
const [release] = lines('LSM_KERNEL')
const onKernel = release === undefined ? [] : ['--kernel', release]
if (scenarios.length > 0) check('scenario', ['scenario', ...onKernel, ...scenarios])
for (const line of lines('LSM_FLOWS')) {
  const [policy, assertions] = line.split(/\s+/)
  check('flow', ['flow', '--policy', policy, '--forbid', assertions ?? ''])
}

let diff = ''
if (env.LSM_BASE) {
  try {
    withBase(env.LSM_BASE, (tree) => {
      for (const path of Object.values(policies).flat()) diff += differenceOf(tree, path) ?? ''
      for (const each of selinux) if (each.line.startsWith('-')) diff += compiledDifference(tree, each) ?? ''
    })
  } catch (error) {
    note(`the base \`${env.LSM_BASE}\` cannot be had: ${error.message}`)
    worst = Math.max(worst, 2)
  }
  writeFileSync(join(reports, 'diff.md'), diff === '' ? 'No policy changes what it permits.\n' : diff)
}

const told = {
  reports, changed: String(diff !== ''), diff: String(existsSync(join(reports, 'diff.md'))),
  sarif: String(globSync(join(reports, '*.sarif')).length > 0),
}
if (env.GITHUB_OUTPUT) {
  appendFileSync(env.GITHUB_OUTPUT, Object.entries(told).map(([name, value]) => `${name}=${value}\n`).join(''))
}
if (env.GITHUB_STEP_SUMMARY && env.LSM_BASE) {
  appendFileSync(env.GITHUB_STEP_SUMMARY, readFileSync(join(reports, 'diff.md')))
}
if (count === 0 && !env.LSM_BASE) {
  note('there is nothing to check: name policies, rules, objects or scenarios')
  worst = 2
}
process.exitCode = worst
