/** `lsm kernels diff`: two releases, and what their difference means for policies, stacks and objects. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vmlinuxBytes } from '@lsmkit/bpf/vmlinux'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { EXIT } from '../../output.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-kernels-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const files: Readonly<Record<string, string>> = {
  'small.cil': `(handleunknown deny) (class file (read)) (class io_uring (allowed sqpoll)) (classorder (file io_uring))
(sid kernel) (sidorder (kernel)) (type a) (type b) (role r) (roletype r a) (roletype r b) (user u) (userrole u r)
(sensitivity s0) (sensitivityorder (s0)) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sidcontext kernel (u r a ((s0) (s0)))) (allow a self (io_uring (allowed)))`,
  'rules': 'One Two rw\n',
  'profile': 'profile p { dbus send, /srv/** r, }\n',
  'caps': '/usr/bin/ping cap_net_raw=ep\n',
  'ruleset.json': '{"read":["/srv"]}',
  'box.json': '{"allow":{"read":["/srv"]}}',
  'wide.json': '{"allow":{"raed":[]}}',
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
writeFileSync(join(cwd, 'ours.btf'), vmlinuxBytes())

const object = (name: string): string => fileURLToPath(new URL(`../../../../bpf/objects/${name}.o`, import.meta.url))
const diff = (...args: readonly string[]) => lsm(['kernels', 'diff', ...args], { cwd })

interface Document {
  readonly impacts: readonly {
    readonly kind: string
    readonly changes: readonly { effect: string; subject: string; words: string; because: readonly string[] }[]
    readonly unjudged: readonly string[]
  }[]
}
const changesOf = async (...args: readonly string[]) => {
  const { code, stdout } = await diff(...args, '--json')
  const { impacts } = JSON.parse(stdout) as Document
  return { code, lines: impacts[0]!.changes.map(({ effect, subject, words }) => `${effect} ${subject}: ${words}`),
    because: impacts[0]!.changes.map(({ because }) => because) }
}

describe('two releases', () => {
  test('hooks, programs and rules', async () => {
    const { code, stdout } = await diff('6.18', '7.3')
    expect(code).toBe(EXIT.denied)
    for (const line of [
      'from Linux 6.18 to 7.3: 4 hooks came, 0 left, 1 changed',
      '  + int unix_find(const struct path *path, struct sock *other, int flags)',
      '  file_alloc_security: not sleeping -> none', '  * landlockAbi: 7 -> 11 (the ABI)',
    ]) expect(stdout.split('\n')).toContain(line)
  })

  test('the same release', async () => {
    expect(await diff('7.3', '7.3')).toMatchObject({ code: EXIT.ok })
    expect(await diff('7.3', '7.3', '--policy', 'small.cil')).toMatchObject({
      code: EXIT.ok, stdout: 'from Linux 7.3 to 7.3\n\nsmall.cil, a policy of SELinux: nothing changes\n',
    })
  })

  test('80 columns', async () => {
    const { stdout } = await diff('6.12', '7.3')
    const mine = await diff('6.12', '7.3', '--policy', 'small.cil', '--stack', 'selinux,landlock')
    expect([...stdout.split('\n'), ...mine.stdout.split('\n')].filter((line) => line.length > 80)).toEqual([])
  })

  test.each([
    [['6.12', '6.11'], 'there are no rules of the kernel `6.11`'],
    [['6.12', '6.1', '--stack', 'yama'], 'there are no rules of the kernel `6.1`'],
    [['6.12', '6.11', '--object', 'x.o'], 'there are no rules of the kernel `6.11`'],
    [['6.12', '7.3', '--stack', 'selinx'], 'there is no module `selinx`'],
    [['6.12', '7.3', '--btf', 'ours.btf'], '`--btf` is for `--object`'],
    [['6.12', '7.3', '--hook', 'a=b'], '`--hook` is for `--object`'],
  ])('usage: %j', async (args, message) => {
    const { code, stderr } = await diff(...args)
    expect([code, stderr]).toEqual([EXIT.usage, expect.stringContaining(message)])
  })

  test.each([['--policy', 'none'], ['--policy', 'wide.json'], ['--object', 'none.o'], ['--object', 'rules']])(
    'a file that cannot be read: %s %s', async (flag, name) => {
      expect(await diff('6.12', '7.3', flag, name)).toMatchObject({ code: EXIT.badInput, stdout: '' })
    })
})

describe('a policy', () => {
  test('of SELinux', async () => {
    const { code, lines } = await changesOf('6.12', '6.18', '-p', 'small.cil')
    expect(code).toBe(EXIT.denied)
    expect(lines).toContain('less questions: `allowed` of io_uring is asked now: 1 of 2 domains are allowed it, ' +
      'refused are b')
    expect(lines).toContain('less unknown to the policy: `watch_mountns` of file, dir, lnk_file and 5 more: ' +
      'refused to every domain (handle_unknown deny)')
    expect(lines.at(-1)).toMatch(/^other hooks: asked newly: .*`uring_allowed`/)
  })

  test('a ruleset with a mistake is told with its file', async () => {
    writeFileSync(join(cwd, 'wrong.json'), '{ "handled": [] }')
    const { code, stderr } = await diff('6.12', '7.3', '-p', 'wrong.json')
    expect(code).toBe(EXIT.badInput)
    expect(stderr).toContain('`wrong.json` is not a ruleset: there is no option `handled`')
  })

  test.each([
    ['rules of Smack keep their meaning', 'rules', []],
    ['sets of capabilities too', 'caps', []],
    ['a class of rules that the kernel takes up', 'profile', [
      'less rules: Linux 7.3 takes up what was lost: dbus rule is not enforced: the target has no dbus',
    ]],
    ['a ruleset', 'ruleset.json', [
      'other rights: fs.resolve_unix can be held from Linux 7.3 on, and is free under this ruleset',
      'other rights: net.bind_udp, net.connect_send_udp can be held from Linux 7.3 on, and is free under this ruleset',
      'other records: what it denies is written to the audit log',
    ]],
    ['a box, which restricts sockets by path', 'box.json', [
      'less the policy: rights: fs.resolve_unix is held by Linux 7.3; 6.12 leaves that free',
      'other the policy: rights: net.bind_udp, net.connect_send_udp can be held from Linux 7.3 on, and is free under ' +
        'this ruleset',
      'other the policy: records: what it denies is written to the audit log',
    ]],
  ])('%s', async (_name, file, expected) => {
    const { lines } = await changesOf('6.12', '7.3', '-p', file)
    expect(lines.filter((line) => !line.startsWith('other hooks:'))).toEqual(expected)
  })

  test('for a CI service', async () => {
    const { code, stdout } = await diff('6.12', '6.18', '-p', 'small.cil', '--reporter', 'sarif')
    expect(code).toBe(EXIT.denied)
    const { runs: [run] } = JSON.parse(stdout) as { runs: [{ results: readonly { ruleId: string }[] }] }
    expect(new Set(run.results.map(({ ruleId }) => ruleId))).toEqual(new Set(['kernels/less', 'kernels/other']))
  })
})

describe('a stack', () => {
  test('hooks that came, left, and have other arguments; rules of modules, and of the kernel', async () => {
    const { code, lines, because } = await changesOf('6.18', '7.3', '--stack', 'selinux,landlock')
    expect(code).toBe(EXIT.denied)
    expect(lines.filter((line) => !line.startsWith('other kernel:'))).toEqual([
      'other selinux: is asked newly: `bpf_token_cmd`, `bpf_token_capable`, `backing_file_alloc`, ' +
        '`backing_file_free`, `mmap_backing_file`',
      'other selinux: is asked with other arguments, which core translates: `inode_listsecurity`',
      'other selinux: memfd_create asks for the label of its file: false -> true',
      'other landlock: is asked newly: `unix_find`',
      'other landlock: the ABI: 7 -> 11',
      'other landlock: errata that are mended: 0x7 -> 0xf',
      'other landlock: signals of a descriptor to a process group are held back: false -> true',
      'other landlock: a ruleset can hold fs.resolve_unix, net.bind_udp, net.connect_send_udp',
    ])
    expect(lines).toContain('other kernel: there is UDP-Lite: true -> false')
    expect(because[1]).toEqual(
      ['int inode_listsecurity(struct inode *inode, char **buffer, ssize_t *remaining_size)'])
  })

  test('the same as --lsm', async () => {
    const [named, stacked] = [await diff('6.18', '7.3', '--lsm', 'yama'), await diff('6.18', '7.3', '--stack', 'yama')]
    expect(named).toEqual(stacked)
    expect(await changesOf('7.3', '7.3', '--lsm', 'yama')).toEqual({ code: EXIT.ok, lines: [], because: [] })
  })

  const ofModules = (lines: readonly string[]): string[] =>
    [...new Set(lines.map((line) => /^other (\w+):/.exec(line)![1]!))]

  test('boot arguments: the LSMs that such a kernel asks', async () => {
    const booted = async (...args: readonly string[]): Promise<string[]> =>
      ofModules((await changesOf('6.12', '7.3', '--stack', args.join(' '))).lines)
    expect(await booted('lsm=landlock,selinux,bpf')).toEqual(['capability', 'landlock', 'selinux', 'bpf', 'kernel'])
    expect(await booted('lsm=landlock,selinux', 'selinux=0')).toEqual(['capability', 'landlock', 'kernel'])
    expect(await booted('lsm=yama')).toEqual(['capability', 'kernel'])
  })

  test('programs of bpf', async () => {
    const { lines, because } = await changesOf('6.12', '7.3', '--stack', 'bpf')
    const own = lines.flatMap((line, i) => (line.startsWith('other bpf:') ? [[line, because[i]!.length]] : []))
    expect(own).toEqual([
      ['other bpf: programs may be on new hooks', 10],
      ['other bpf: programs of these hooks do not load any more', 4],
      ['other bpf: programs of these hooks get other parameters', 11],
      ['other bpf: other programs are taken', 5],
    ])
  })

  test('an LSM that lsmkit does not have is told', async () => {
    const { code, stdout } = await diff('7.3', '7.3', '--stack', 'lsm=landlock,tomoyo')
    expect([code, stdout.split('\n').slice(2, 4)]).toEqual([EXIT.badInput, [
      'lsm=landlock,tomoyo, a stack: nothing changes as far as it was judged',
      '  ? not judged: `tomoyo`, lsmkit has no such module',
    ]])
  })
})

describe('an object', () => {
  const everything = ['--object', object('everything'), '--btf', 'ours.btf']

  test('that loads on both', async () => {
    expect(await changesOf('6.12', '7.3', ...everything)).toEqual({ code: EXIT.ok, lines: [], because: [] })
  })

  test('that the older one refuses', async () => {
    const { code, lines } = await changesOf('5.15', '6.1', ...everything)
    expect([code, lines[0]]).toEqual([EXIT.denied, expect.stringMatching(/^more .*it loads on Linux 6\.1; .*#181$/)])
  })

  /** A program on another hook: the names are of one length, so that the file stays whole. */
  const moved = (section: string, to: string): string => {
    const text = readFileSync(object('everything'), 'latin1')
    writeFileSync(join(cwd, `${to}.o`), text.replaceAll(`lsm/${section}`, `lsm/${to}`), 'latin1')
    return `${to}.o`
  }

  test.each([
    ['a hook that is closed to programs', '6.18', '7.3', 'bprm_check_security', 'file_alloc_security', 2,
      /^less .*Linux 7\.3 refuses it: .*disabled hook/],
    ['and was open before', '7.3', '6.18', 'bprm_check_security', 'file_alloc_security', 2,
      /^more .*it loads on Linux 6\.18; Linux 7\.3 refuses it/],
    ['another signature', '6.12', '7.3', 'file_permission', 'secid_to_secctx', 1,
      /^other .*the hook has other parameters on Linux 7\.3/],
  ])('%s', async (_name, from, to, section, hook, programs, expected) => {
    const { lines } = await changesOf(from, to, '--object', moved(section, hook), '--btf', 'ours.btf')
    expect(lines).toEqual(Array.from({ length: programs }, () => expect.stringMatching(expected) as string))
  })

  test('without types it is not judged', async () => {
    writeFileSync(join(cwd, 'detector.o'), readFileSync(object('detector')))
    const { code, stdout } = await diff('6.12', '7.3', '--object', 'detector.o')
    expect(code).toBe(EXIT.badInput)
    expect(stdout.split('\n').slice(2, 4)).toEqual([
      'detector.o, a BPF object: nothing changes as far as it was judged',
      '  ? not judged: detect_open, detect_exec on 6.12, 7.3: it needs the types of',
    ])
  })
})
