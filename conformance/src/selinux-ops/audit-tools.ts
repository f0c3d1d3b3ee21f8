/**
 * Debian's own tools on the records of our SELinux: boots a kernel in permissive mode under a policy that allows
 * nothing, gives its log to audit2allow and ausearch, and shows what they make of it. Exits with 0 when both have read
 * every record, with 3 when one is not installed (`apt install policycoreutils-python-utils auditd`).
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AT_FDCWD, AUDIT_AVC, O_CREAT, O_RDWR, SIGTERM } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, kernelText } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { selinux } from '@lsmkit/selinux'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'

const NOT_INSTALLED = 3

/** One domain, one type, and hardly a rule. */
const mute = `
(mls false) (user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(allow kernel_t self (process (getattr))) (type kernel_t) (type file_t) (roletype r kernel_t) (roletype object_r file_t)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0)))
(sid kernel) (sidcontext kernel (u r kernel_t ((s0) (s0))))
(sid security) (sidcontext security (u object_r file_t ((s0) (s0))))
(sid unlabeled) (sidcontext unlabeled (u object_r file_t ((s0) (s0))))
(sidorder (kernel security unlabeled))
(fsuse trans tmpfs (u object_r file_t ((s0) (s0))))
`

const compile = (): Uint8Array => {
  const files = [{ name: 'classes.cil', text: kernelClassesCil() }, { name: 'mute.cil', text: mute }]
  return writePolicy(compileCil(files, { version: 33 }).policy)
}

/** The log of some work, a line a record. */
const log = (policy: Uint8Array): string[] => {
  const stack = createStack({ lsms: [capability(), selinux({ policy, enforcing: false })], audit: { denials: false } })
  const { sys, init } = bootKernel({ stack })
  const fd = sys.openat(init, AT_FDCWD, '/a file', O_CREAT | O_RDWR, 0o600)
  sys.write(init, fd, new Uint8Array(1))
  sys.mkdir(init, '/d', 0o700)
  sys.rename(init, '/a file', '/d/f')
  sys.kill(init, sys.fork(init), SIGTERM)
  sys.sethostname(init, 'host', 4)
  sys.shmget(init, 77, 4096, 0o1600)
  return stack.audit.records.flatMap((record) =>
    record.kind === 'text' && record.type === AUDIT_AVC ? [kernelText(record)] : [])
}

/** What the tool prints; null when it is not installed. */
const run = (tool: string, args: readonly string[], input: string): string | null => {
  const { stdout, stderr, error, status } = spawnSync(tool, args, { input, encoding: 'utf8' })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return null
  if (status !== 0) throw new Error(`${tool} ended with ${status}: ${stderr}`)
  return stdout
}

/** Classes and permissions that a text of allow rules names. */
const allowed = (rules: string): Set<string> =>
  new Set(Array.from(rules.matchAll(/^allow (\w+) (\w+):(\w+) (?:\{ (.*?) \}|(\w+));/gm)).flatMap(
    ([, source, target, tclass, many, one]) => (many?.split(' ') ?? [one!]).map((perm) =>
      `${source} ${target === 'self' ? source : target} ${tclass} ${perm}`),
  ))

const asked = (lines: readonly string[]): Set<string> =>
  new Set(lines.flatMap((line) => {
    const [, perms, source, target, tclass] =
      /\{ (.*?) \} .*scontext=\w+:\w+:(\w+) tcontext=\w+:\w+:(\w+) tclass=(\w+)/.exec(line)!
    return perms!.split(' ').map((perm) => `${source} ${target} ${tclass} ${perm}`)
  }))

const main = (): number => {
  const policy = compile()
  const lines = log(policy)
  const text = `${lines.join('\n')}\n`
  const folder = mkdtempSync(join(tmpdir(), 'audit-tools-'))
  try {
    const file = join(folder, 'audit.log')
    writeFileSync(file, text)
    // it looks there why each was denied
    const policyFile = join(folder, 'policy.33')
    writeFileSync(policyFile, policy)
    const rules = run('audit2allow', ['-p', policyFile, '-i', file], '')
    const found = run('ausearch', ['-if', file, '-m', 'AVC', '--raw'], '')
    if (rules === null || found === null) {
      const missing = [...(rules === null ? ['audit2allow'] : []), ...(found === null ? ['ausearch'] : [])]
      process.stderr.write(`not installed: ${missing.join(', ')}\n`)
      return NOT_INSTALLED
    }
    process.stdout.write(`${rules.trim()}\n\n`)
    const events = found.split('\n').filter((line) => line.startsWith('type=AVC'))
    const missing = [...asked(lines)].filter((permission) => !allowed(rules).has(permission))
    const wanted = `${asked(lines).size - missing.length} of ${asked(lines).size} permissions by audit2allow`
    process.stdout.write(`${wanted}, ${events.length} of ${lines.length} records by ausearch\n`)
    for (const permission of missing) process.stdout.write(`  missing: ${permission}\n`)
    return missing.length === 0 && events.length === lines.length ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

process.exitCode = main()
