/** The action as its script runs on a repository: one made here, with a base and a change on top. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { vmlinuxBytes } from '../packages/bpf/src/vmlinux/index.ts'

const root = join(import.meta.dirname, '..')
const repo = mkdtempSync(join(tmpdir(), 'lsmkit-action-'))
afterAll(() => rmSync(repo, { recursive: true, force: true }))

const git = (...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args],
    { cwd: repo, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

const base = `(mls false) (class file (read write)) (classorder (file))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(type web_t) (type home_t) (role r) (roletype r web_t) (user u) (userrole u r) (userlevel u (s0))
(userrange u ((s0) (s0))) (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r web_t ((s0) (s0))))
(allow web_t home_t (file (read)))
`

beforeAll(() => {
  git('init', '--quiet')
  mkdirSync(join(repo, 'policy'))
  writeFileSync(join(repo, 'policy/base.cil'), base)
  writeFileSync(join(repo, 'rules'), 'Web Log r\n')
  writeFileSync(join(repo, 'flows'), 'web_t -> home_t\n')
  git('add', '.')
  git('commit', '--quiet', '-m', 'base')
  writeFileSync(join(repo, 'policy/more.cil'), '(allow web_t home_t (file (write)))\n')
  writeFileSync(join(repo, 'rules'), 'Web Log rw\n')
  git('add', '.')
  git('commit', '--quiet', '-m', 'more')
})

const check = (env: Record<string, string>) => {
  rmSync(join(repo, 'out'), { recursive: true, force: true })
  writeFileSync(join(repo, 'outputs'), '')
  const lsm = [process.execPath, '--conditions=lsmkit:source', '--disable-warning=ExperimentalWarning',
    join(root, 'packages/cli/src/lsm.ts')]
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'ci/check.mjs')], {
    cwd: repo, encoding: 'utf8',
    env: {
      PATH: process.env.PATH, LSM_COMMAND: JSON.stringify(lsm), LSM_REPORTS: 'out', GITHUB_OUTPUT: 'outputs', ...env,
    },
  })
  const lines = readFileSync(join(repo, 'outputs'), 'utf8').split('\n')
  const outputs = Object.fromEntries(lines.map((line) => line.split('=')))
  return { status, stdout, stderr, outputs, files: readdirSync(join(repo, 'out')).sort() }
}

test('what is right passes, with reports and the difference to the base', () => {
  const { status, outputs, files } = check({ LSM_SELINUX: 'policy\n', LSM_SMACK: 'rules', LSM_BASE: 'HEAD~1' })
  expect(status).toBe(0)
  expect(outputs).toMatchObject({ changed: 'true', diff: 'true', sarif: 'true' })
  expect(files).toEqual(['001-selinux.sarif', '001-selinux.xml', '002-smack.sarif', '002-smack.xml', 'diff.md'])
  const diff = readFileSync(join(repo, 'out/diff.md'), 'utf8')
  expect(diff).toContain('`web_t may now write home_t files`')
  expect(diff).toContain('Web may now write and lock Log')
  expect(diff).toContain('### Policy: `base: policy` → `policy`')
  expect(JSON.parse(readFileSync(join(repo, 'out/001-selinux.sarif'), 'utf8')).version).toBe('2.1.0')
  expect(git('worktree', 'list').split('\n')).toHaveLength(1)
})

test('names that are declared more than once are an error with the hint', () => {
  mkdirSync(join(repo, 'modules of 2'), { recursive: true })
  writeFileSync(join(repo, 'modules of 2/base.cil'), base)
  writeFileSync(join(repo, 'modules of 2/web.cil'), '(type web_t) (allow web_t home_t (file (write)))\n')
  expect(check({ LSM_SELINUX: 'modules of 2' }).status).toBe(3)
  const report = readFileSync(join(repo, 'out/001-selinux.sarif'), 'utf8')
  expect(report).toContain('cil/redeclared')
  expect(report).toContain('-m (in code: multipleDeclarations) takes types')
})

test('a line of options is one of lsm selinux compile: a list chooses modules, and both sides are compared', () => {
  writeFileSync(join(repo, 'modules of 2/odd.cil'), '(allow web_t gone_t (file (write)))\n')
  writeFileSync(join(repo, 'modules.conf'), 'web = module\nodd = off\n')
  git('add', '.')
  git('commit', '--quiet', '-m', 'modules')
  writeFileSync(join(repo, 'modules.conf'), 'web = off\n')
  const line = '-m --modules modules.conf "modules of 2"'
  const { status, outputs } = check({ LSM_SELINUX: line, LSM_BASE: 'HEAD' })
  expect([status, outputs.changed]).toEqual([0, 'true'])
  const compared = readFileSync(join(repo, 'out/diff.md'), 'utf8')
  expect(compared).toContain(`### Policy: \`base: ${line}\` → \`${line}\``)
  expect(compared).toContain('web_t may no longer write')
  git('reset', '--quiet', '--hard', 'HEAD~1')
})

test('a forbidden flow fails, as an annotation on GitHub', () => {
  const { status, stdout, files } = check({ LSM_FLOWS: 'policy/base.cil flows', GITHUB_ACTIONS: 'true' })
  expect(status).toBe(0)
  expect(files).toEqual(['001-flow.sarif', '001-flow.xml'])
  expect(stdout).toContain('::group::lsm flow')
  const failed = check({ LSM_FLOWS: 'policy flows', GITHUB_ACTIONS: 'true' })
  expect(failed.status).toBe(1)
  expect(failed.stdout).toContain('::error file=flows,line=1')
})

test('BPF objects are verified for the releases that are named, in one report', () => {
  copyFileSync(join(root, 'packages/bpf/objects/everything.o'), join(repo, 'agent.o'))
  writeFileSync(join(repo, 'ours.btf'), vmlinuxBytes())
  const { status, stdout, files } = check({
    LSM_BPF: '*.o', LSM_BPF_KERNELS: '5.15,6.12', LSM_BPF_BTF: 'ours.btf', GITHUB_ACTIONS: 'true',
  })
  expect([status, files]).toEqual([1, ['001-bpf.sarif', '001-bpf.xml']])
  expect(stdout).toContain('Linux 5.15 refuses calls (lsm.s/file_open)')
  expect(check({ LSM_BPF: '*.o', LSM_BPF_KERNELS: '6.1\n6.12', LSM_BPF_BTF: 'ours.btf' }).status).toBe(0)
})

test('what is missing is told, and is no pass', () => {
  expect(check({})).toMatchObject({ status: 2, stderr: expect.stringContaining('nothing to check') })
  expect(check({ LSM_SCENARIOS: 'none/*.yaml' })).toMatchObject({ status: 2 })
  expect(check({ LSM_SELINUX: 'policy', LSM_BASE: 'nowhere' }).stderr).toContain('`nowhere` cannot be had')
  expect(check({ LSM_SELINUX: 'nowhere.cil' }).status).toBe(3)
})

interface Comment {
  readonly databaseId: number
  readonly body: string
  readonly viewerDidAuthor: boolean
}
const mark = '<!-- lsmkit policy check -->'

/** GitHub with these comments on the pull request, two on a page; what was done to them. */
const hub = (comments: readonly Comment[]) => {
  const done: object[] = []
  const act = (name: string) => async (given: object) => void done.push({ name, ...given })
  const graphql = async (_query: string, { after }: { after: string | null }) => {
    const from = Number(after ?? 0)
    const pageInfo = { hasNextPage: from + 2 < comments.length, endCursor: String(from + 2) }
    return { repository: { pullRequest: { comments: { nodes: comments.slice(from, from + 2), pageInfo } } } }
  }
  const rest = { issues: { createComment: act('create'), updateComment: act('update') } }
  return { done, github: { graphql, rest } }
}

test.each<[string, readonly Comment[], object]>([
  ['no comment', [], { name: 'create', issue_number: 7 }],
  ['a comment of somebody who wrote the mark', [{ databaseId: 1, body: `${mark} take me`, viewerDidAuthor: false }],
    { name: 'create', issue_number: 7 }],
  ['another comment of ours', [{ databaseId: 1, body: `see ${mark}`, viewerDidAuthor: true }], { name: 'create' }],
  ['ours, behind those of others', [
    { databaseId: 1, body: mark, viewerDidAuthor: false }, { databaseId: 2, body: 'x', viewerDidAuthor: true },
    { databaseId: 3, body: `${mark}\nold`, viewerDidAuthor: true },
  ], { name: 'update', comment_id: 3 }],
])('on a pull request with %s', async (_, comments, act) => {
  const { comment } = await import('../ci/comment.mjs') as {
    comment: (given: { github: object; context: object; file: string }) => Promise<void>
  }
  const { done, github } = hub(comments)
  const file = join(repo, 'difference.md')
  writeFileSync(file, 'new'.padEnd(70_000, '.'))
  await comment({ github, context: { repo: { owner: 'o', repo: 'r' }, issue: { number: 7 } }, file })
  expect(done).toEqual([expect.objectContaining({ ...act, body: expect.stringMatching(/^<!-- lsmkit policy check -->\nnew/) })])
  expect((done[0] as { body: string }).body.length).toBeLessThan(65_536)
})

test('the action comments by that script', () => {
  const action = readFileSync(join(root, 'action.yml'), 'utf8')
  expect(action).toContain('/ci/comment.mjs')
  expect(action).not.toContain('listComments')
})
