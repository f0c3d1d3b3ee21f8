/** Real programs under a watch on the running kernel. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LANDLOCK_ACCESS_FS_READ_FILE } from '@lsmkit/abi'
import { afterAll, describe, expect, test } from 'vitest'
import { createNativeBox } from '../exec/native-box.ts'
import { nativePreset } from '../presets/presets.ts'
import type { WatchDifference } from './difference.ts'
import type { NativeDenial } from './native-denial.ts'
import { launchWatched } from './testing/launch.ts'
import { openWatch } from './watch.ts'
import type { WatchedCall } from './watched-call.ts'

const isThere = await openWatch().then((watch) => watch.end()).then(() => true, (error: Error) => {
  process.stderr.write(`skipped: programs cannot be watched here: ${error.message}\n`)
  return false
})

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lsm-watch-')))
afterAll(() => rmSync(folder, { recursive: true }))
const secret = join(folder, 'secret')
writeFileSync(secret, 'secret\n')

const exec = nativePreset('git', { folder }).policy.allow!.exec!.filter((path) => path !== folder && path !== '/tmp')
const policy = { allow: { read: ['/etc', '/dev'], write: ['/dev/null'], exec } }
const open = { allow: { read: ['/'], write: ['/'], exec: ['/'] } }

describe.skipIf(!isThere)('watch', () => {
  test('what the kernel refuses has a sentence, a record and a permit; its answer is the kernel’s', async () => {
    const { code, stderr, denials, calls } = await launchWatched(['cat', secret], { policy })
    expect(code).toBe(1)
    expect(stderr).toContain('Permission denied')
    const own = denials.filter(({ path }) => path === secret)
    expect(own).toMatchObject([{
      by: 'landlock', act: 'read', errno: 'EACCES', call: 'openat', comm: 'cat', permit: { allow: { read: [secret] } },
      record: { lsm: 'landlock', details: { blockers: 'fs.read_file' } },
    }])
    expect(own[0]!.sentence).toBe(`\`${secret}\`: read refused by landlock, not beneath /etc, /dev`)
    expect(calls).toBeGreaterThan(3)
  })

  test('what the filter of calls refuses has the name of the call, and the family of a socket', async () => {
    const script = `unshare -U true; chmod 600 ${secret}; /usr/bin/python3 -c 'import socket; socket.socket(16, 3)'`
    const { code, denials } = await launchWatched(['sh', '-c', script], {
      policy: { allow: { ...policy.allow, read: ['/'] } },
    })
    expect(code).not.toBe(0)
    const own = denials.filter(({ by }) => by === 'seccomp').map(({ call, errno, sentence }) => [call, errno, sentence])
    expect(own.slice(0, 2)).toEqual([
      ['unshare', 'EPERM', '`unshare`: refused by the filter of system calls, new namespaces are closed'],
      ['fchmodat', 'EPERM', '`fchmodat`: refused by the filter of system calls, attributes of files are closed: ' +
        '`--accept attributes` opens them'],
    ])
    if (!existsSync('/usr/bin/python3')) return
    expect(own[2]![2]).toContain('sockets of AF_NETLINK of that kind are in neither connect nor listen')
  })

  test('names are looked up from where the program is', async () => {
    const { denials } = await launchWatched(['cat', './x/../secret'], { policy, cwd: folder })
    // the kernel looks `x` up, which is not there
    expect(denials.filter(({ comm }) => comm === 'cat').map(({ path }) => path)).not.toContain(secret)
    const again = await launchWatched(['cat', '././secret'], { policy, cwd: folder })
    expect(again.denials.map(({ path }) => path)).toContain(secret)
  })

  test('what a program needs is reported once', async () => {
    const needs: WatchedCall[] = []
    const { code, denials } = await launchWatched(['cat', secret, secret], {
      policy: open, onNeed: (need) => needs.push(need),
    })
    expect({ code, denials }).toEqual({ code: 0, denials: [] })
    expect(needs.filter(({ path }) => path === secret))
      .toMatchObject([{ files: [{ rights: LANDLOCK_ACCESS_FS_READ_FILE }] }])
  })

  test('memory that cannot be read, too long names, odd sizes: the kernel’s own answers', async () => {
    const script = new URL('./testing/hostile.mjs', import.meta.url).pathname
    const command = [process.execPath, script, import.meta.url]
    const plain = execFileSync(command[0]!, command.slice(1), { encoding: 'utf8' })
    const { stdout, stderr } = await launchWatched(command, { policy: open })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(JSON.parse(plain))
  })

  test('where the kernel answers otherwise than the model, both answers are told', async () => {
    const [data, moved] = [join(folder, 'data'), join(folder, 'moved')]
    mkdirSync(data)
    writeFileSync(join(data, 'old'), 'old\n')
    const differences: WatchDifference[] = []
    const denials: NativeDenial[] = []
    const allow = { ...policy.allow, read: [...policy.allow.read, data] }
    const watch = await openWatch({
      allow, onDifference: (one) => differences.push(one), onDenial: (one) => denials.push(one),
    })
    const script = `read x; cat ${moved}/old; cat ${data}/new; cat ${data}/none; cat ${secret}; test -x ${moved}/old`
    const { process: started } = createNativeBox({ allow, resolve: true })
      .start('sh', ['-c', script], { watch, stdio: ['pipe', 'pipe', 'ignore'] })
    await started.started
    // the rule is for the folder, wherever it is; the model knows paths
    renameSync(data, moved)
    mkdirSync(data)
    writeFileSync(join(data, 'new'), 'new\n')
    started.stdin!.end('go on\n')
    const [[stdout]] = await Promise.all([once(started.stdout!, 'data'), started.ended])
    await watch.end()
    expect(String(stdout)).toBe('old\n')
    expect(differences.map(({ call, path, model, kernel }) => [call, path, model, kernel])).toEqual([
      ['openat', join(moved, 'old'), 'refused', 'permitted'], ['openat', join(data, 'new'), 'permitted', 'refused'],
    ])
    expect(differences[0]!.sentence).toContain('the kernel permits it, though no rule names that path')
    expect(denials.map(({ path, record }) => [path, 'details' in record ? record.details?.kernel : null]))
      .toEqual([[secret, 'refused']])
  })

  test('a watch that ends does not leave the program without an answer', async () => {
    const watch = await openWatch()
    expect(await watch.end()).toEqual({ calls: 0 })
    expect(await watch.end()).toEqual({ calls: 0 })
  })
})
