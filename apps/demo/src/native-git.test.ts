/** The host's own git under the SELinux policy of the tour, without root: two domains, two answers, and why. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNativeBox, openWatch } from '@lsmkit/native'
import type { NativeDenial, NativeRun } from '@lsmkit/native'
import { explainPermission, TeRules } from '@lsmkit/selinux/query'
import { SecurityServer } from '@lsmkit/selinux/server'
import { afterAll, describe, expect, test } from 'vitest'
import { selinuxPolicy } from './selinux-policy.ts'

const isThere = existsSync('/usr/bin/git') &&
  await openWatch().then((watch) => watch.end()).then(() => true, () => false)
if (!isThere) process.stderr.write('skipped: no git, or programs cannot be mediated here\n')

const root = realpathSync(mkdtempSync(join(tmpdir(), 'lsm-git-')))
afterAll(() => rmSync(root, { recursive: true }))
chmodSync(root, 0o755)

/** A guest changes what is at home, and reads what is served. */
const contexts = `${root}/home(/.*)? u:object_r:home_t\n${root}/srv(/.*)? u:object_r:srv_t\n` +
  '/lib.* u:object_r:bin_t\n/bin.* u:object_r:bin_t\n'

const { binary, fileContexts } = selinuxPolicy()

interface Mediated extends NativeRun {
  readonly denials: readonly NativeDenial[]
}
const git = async (domain: string, place: string, ...args: readonly string[]): Promise<Mediated> => {
  const denials: NativeDenial[] = []
  const watch = await openWatch({
    onDenial: (denial) => denials.push(denial),
    mediation: {
      modules: [
        { module: '@lsmkit/selinux', options: { policy: binary, fileContexts: `${fileContexts}\n${contexts}` } },
      ],
      label: `u:r:${domain}`,
    },
  })
  const box = createNativeBox({ allow: { read: ['/'], write: ['/'], exec: ['/'] } }, { accept: ['attributes'] })
  const env = { PATH: '/usr/bin:/bin', HOME: '/nowhere', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_COUNT: '0' }
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'safe.directory=*', '-c', 'gc.auto=0']
  const run = await box.exec('git', [...identity, '-C', join(root, place), ...args], { watch, env })
  await watch.end()
  return { ...run, denials }
}

describe.skipIf(!isThere)('git under the policy of the tour', () => {
  test('one domain commits, another may read alone, and the denial says why', async () => {
    for (const place of ['home', 'srv']) {
      mkdirSync(join(root, place))
      execFileSync('git', ['init', '-q', join(root, place)])
      writeFileSync(join(root, place, 'file'), 'text\n')
    }
    execFileSync('git', ['-C', join(root, 'home'), 'add', 'file'])
    expect(await git('guest_t', 'home', 'commit', '-qm', 'one')).toMatchObject({ status: 0, stderr: '', denials: [] })
    expect(execFileSync('git', ['-C', join(root, 'home'), 'log', '--format=%s'], { encoding: 'utf8' })).toBe('one\n')

    const refused = await git('guest_t', 'srv', 'add', 'file')
    expect(refused.status).toBe(128)
    const [denial] = refused.denials
    const path = join(root, 'srv/.git/index.lock')
    expect(denial).toMatchObject({ by: 'selinux', errno: 'EACCES', comm: 'git', path })
    expect(denial!.sentence).toContain('who is `u:r:guest_t` may not write what is `u:object_r:srv_t`')
    // the reason, by the policy itself
    const server = new SecurityServer({ mode: 'libsepol' })
    server.load(binary)
    const rules = new TeRules(server.policy!.db)
    const why = explainPermission(server, rules, 'u:r:guest_t', 'u:object_r:srv_t', 'dir', 'write')
    expect(why).toMatchObject({ allowed: false, rules: [] })

    expect(await git('kernel_t', 'srv', 'add', 'file')).toMatchObject({ status: 0, denials: [] })
  })
})
