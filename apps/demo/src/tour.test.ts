import { beforeAll, describe, expect, test } from 'vitest'
import { readText } from './boot-log.ts'
import { outcomeText } from './outcome.ts'
import { readPrograms } from './programs.ts'
import { recordedTour } from './recorded-tour.ts'
import { selinuxPolicy } from './selinux-policy.ts'
import { columns } from './stacks.ts'
import type { Column } from './stacks.ts'
import { subjects } from './subjects.ts'
import { bootColumn, tourSubject } from './tour-column.ts'
import type { ColumnResult } from './tour-column.ts'

const programs = readPrograms()
const [, , program, objects, landlock, smack, selinux, apparmor, both, last] = columns(null)
const policy = selinuxPolicy()

/** Outcomes of root and of the visitor, by attempt; the recorded tour, which README.md shows, has the same. */
const tour = (column: Column) => {
  const machine = bootColumn(column, programs, policy)
  const recorded = recordedTour.columns.find(({ title }) => title === column.title)!
  expect(recorded.initLabel).toBe(machine.initLabel)
  const of = (id: string): ColumnResult => {
    const i = subjects.findIndex((subject) => subject.id === id)
    const result = tourSubject(machine, subjects[i]!)
    const { label, work, outcomes } = recorded.runs[i]!
    expect({ label: result.label, work: result.work, outcomes: Object.fromEntries(result.outcomes) })
      .toEqual({ label, work, outcomes })
    return result
  }
  return { machine, root: of('root'), visitor: of('visitor') }
}
const texts = ({ outcomes }: ColumnResult) =>
  Object.fromEntries([...outcomes].map(([id, outcome]) => [id, outcomeText(outcome)]))

const without = {
  'attr': 'EINVAL',
  'mem': 'ok',
  'report-before': 'ok',
  'report-attached': 'EACCES file_open bpf',
  'report-after': 'ok',
}

describe('capability, and a program that comes and goes', () => {
  let result: ReturnType<typeof tour>
  beforeAll(() => void (result = tour(program!)))

  test('root', () => {
    expect(texts(result.root)).toEqual({ ...without, 'shadow': 'ok', 'usr-bin': 'ok', 'raise': 'ok', 'setuid': 'ok' })
  })

  test('the visitor', () => {
    expect(texts(result.visitor)).toEqual({
      ...without,
      'shadow': 'EACCES capable capability',
      'usr-bin': 'EACCES capable capability',
      'raise': 'EPERM capset capability',
      'setuid': 'EPERM capable capability',
    })
  })

  test('the boot log names what was composed and mounted', () => {
    expect(result.machine.bootLog).toContain('LSM: initializing lsm=capability')
    expect(result.machine.bootLog).toContain('VFS: Mounted /opt/programs (hostfs from programs)')
  })

  test('honest work is done', () => {
    expect(result.visitor.work).toContain('root and visitor')
    expect(result.visitor.work).toContain('7919')
  })
})

describe('capability, and objects of BPF that come and go', () => {
  let result: ReturnType<typeof tour>
  beforeAll(() => void (result = tour(objects!)))

  test.each(['root', 'visitor'] as const)('%s may write an executable while the deflector is away', (who) => {
    expect(texts(result[who])).toMatchObject({
      'tool-before': 'ok',
      'tool-attached': 'EPERM file_open bpf',
      'tool-after': 'ok',
      'exec-writable': 'EACCES bprm_check_security bpf',
    })
    expect(texts(result[who])).not.toHaveProperty('report-attached')
  })

  test('the detector tells what was opened meanwhile', () => {
    const opened = result.visitor.events.map(({ kind, path }) => `${kind} ${path}`)
    expect(opened).toEqual(['open /srv/tool', 'open /usr/bin/ruby', 'exec /usr/bin/ruby'])
    expect(result.visitor.work).toContain('7919')
  })
})

describe('capability and landlock', () => {
  let result: ReturnType<typeof tour>
  beforeAll(() => void (result = tour(landlock!)))

  const restricted = {
    'mem': 'EACCES ptrace_access_check landlock',
    'attr': 'EACCES file_open landlock',
    'report-before': 'ok',
  }

  test('root has left itself its data, its programs and its folders, and stays root otherwise', () => {
    expect(texts(result.root)).toEqual({
      ...restricted,
      'shadow': 'EACCES file_open landlock',
      'usr-bin': 'EACCES file_open landlock',
      'raise': 'ok',
      'setuid': 'ok',
    })
    expect(result.root.work).toContain('7919')
  })

  test('the visitor is refused by mode bits first', () => {
    expect(texts(result.visitor)).toEqual({
      ...restricted,
      'shadow': 'EACCES capable capability',
      'usr-bin': 'EACCES capable capability',
      'raise': 'EPERM capset capability',
      'setuid': 'EPERM capable capability',
    })
    expect(result.visitor.work).toContain('7919')
  })

  test('only who is born for the tour is restricted: init may still read it all', () => {
    const { kernel } = result.machine.system
    expect(readText(kernel, '/etc/shadow')).toContain('root:')
  })
})

describe('capability, yama and smack', () => {
  let result: ReturnType<typeof tour>
  beforeAll(() => void (result = tour(smack!)))

  test('root is a guest, and its capabilities do not count for Smack', () => {
    expect(texts(result.root)).toEqual({
      'shadow': 'EACCES inode_permission smack',
      'usr-bin': 'EACCES inode_permission smack',
      'mem': 'EACCES ptrace_access_check smack',
      'attr': 'EPERM setprocattr smack',
      'report-before': 'ok',
      'raise': 'ok',
      'setuid': 'ok',
    })
  })

  test('each of the three refuses the visitor something', () => {
    expect(texts(result.visitor)).toEqual({
      'shadow': 'EACCES capable capability',
      'usr-bin': 'EACCES capable capability',
      'mem': 'EACCES ptrace_access_check yama',
      'attr': 'EPERM setprocattr smack',
      'report-before': 'ok',
      'raise': 'EPERM capset capability',
      'setuid': 'EPERM capable capability',
    })
  })

  test('smackfs is mounted', () => {
    expect(result.machine.bootLog).toContain('VFS: Mounted /sys/fs/smackfs (smackfs from smackfs)')
  })
})

describe('capability, yama and selinux', () => {
  let result: ReturnType<typeof tour>
  beforeAll(() => void (result = tour(selinux!)))

  test('root is a guest: what the policy does not allow is denied, capabilities too', () => {
    expect(texts(result.root)).toEqual({
      'shadow': 'EACCES inode_permission selinux',
      'usr-bin': 'EACCES inode_permission selinux',
      'mem': 'EACCES capable selinux',
      'attr': 'EACCES setprocattr selinux',
      'report-before': 'ok',
      'raise': 'EACCES capset selinux',
      'setuid': 'ok',
    })
  })

  test('the visitor', () => {
    expect(texts(result.visitor)).toEqual({
      'shadow': 'EACCES capable capability',
      'usr-bin': 'EACCES capable capability',
      'mem': 'EACCES ptrace_access_check yama',
      'attr': 'EACCES setprocattr selinux',
      'report-before': 'ok',
      'raise': 'EPERM capset capability',
      'setuid': 'EPERM capable capability',
    })
    expect(result.visitor.work).toContain('7919')
  })

  test('each refusal is an AVC record', () => {
    const avcs = result.root.denials.flatMap((record) => (record.kind === 'text' ? [record.text] : []))
    expect(avcs[0]).toMatch(
      /^avc: {2}denied {2}\{ read \} for {2}pid=\d+ comm="visit.rb" name="shadow" dev="tmpfs" ino=\d+ scontext=u:r:guest_t /,
    )
    expect(avcs.every((text) => text.includes('scontext=u:r:guest_t'))).toBe(true)
  })

  test('selinuxfs is mounted', () => {
    expect(result.machine.bootLog).toContain('VFS: Mounted /sys/fs/selinux (selinuxfs from selinuxfs)')
  })
})

describe('capability, yama and apparmor', () => {
  let result: ReturnType<typeof tour>
  beforeAll(() => void (result = tour(apparmor!)))

  test('root is under a profile: it passes mode bits, and gets at nothing else', () => {
    expect(texts(result.root)).toEqual({
      'shadow': 'EACCES file_open apparmor',
      'usr-bin': 'EACCES file_open apparmor',
      'mem': 'EACCES capable apparmor',
      // it is no command of AppArmor
      'attr': 'EINVAL',
      'report-before': 'ok',
      // capset(2) is not asked of AppArmor
      'raise': 'ok',
      'setuid': 'ok',
    })
    expect(result.root.work).toContain('7919')
  })

  test('the visitor is refused by mode bits first', () => {
    expect(texts(result.visitor)).toEqual({
      'shadow': 'EACCES capable capability',
      'usr-bin': 'EACCES capable capability',
      'mem': 'EACCES ptrace_access_check yama',
      'attr': 'EINVAL',
      'report-before': 'ok',
      'raise': 'EPERM capset capability',
      'setuid': 'EPERM capable capability',
    })
    expect(result.visitor.work).toContain('7919')
  })

  test('programs run under the profile, and each refusal is a record that names it', () => {
    const { label, toolLabel, denials } = result.root
    expect([result.machine.initLabel, label, toolLabel]).toEqual(['unconfined', 'guest (enforce)', 'guest (enforce)'])
    const records = denials.flatMap((record) => (record.kind === 'text' ? [record.text] : []))
    expect(records).toEqual([
      expect.stringMatching(/^apparmor="DENIED" operation="open" class="file" profile="guest" name="\/etc\/shadow" /),
      expect.stringMatching(/^apparmor="DENIED" operation="open" class="file" profile="guest" name="\/usr\/bin\/login" /),
      expect.stringMatching(/^apparmor="DENIED" operation="capable" class="cap" profile="guest" .*capname="sys_ptrace"/),
    ])
  })

  test('init may end what it has started', () => {
    const { kernel: { sys, init }, neighbour } = result.machine.system
    expect(sys.kill(init, neighbour, 0)).toBe(0)
  })
})

describe('smack, selinux and bpf at once', () => {
  let result: ReturnType<typeof tour>
  beforeAll(() => void (result = tour(both!)))

  test('each refuses root what is its own business', () => {
    expect(texts(result.root)).toEqual({
      'shadow': 'EACCES inode_permission smack',
      'usr-bin': 'EACCES inode_permission smack',
      'mem': 'EACCES capable selinux',
      'attr': 'EPERM setprocattr smack',
      'report-before': 'ok',
      'tool-before': 'EACCES inode_permission smack',
      'tool-attached': 'EACCES inode_permission smack',
      'tool-after': 'EACCES inode_permission smack',
      'exec-writable': 'EACCES bprm_check_security bpf',
      'raise': 'EACCES capset selinux',
      'setuid': 'ok',
    })
    expect(result.root.work).toContain('7919')
    expect(result.machine.stack?.names).toEqual(['capability', 'smack', 'selinux', 'bpf'])
  })

  test('and capability the visitor', () => {
    expect(texts(result.visitor)).toMatchObject({
      'shadow': 'EACCES capable capability',
      'mem': 'EACCES ptrace_access_check smack',
      'exec-writable': 'EACCES bprm_check_security bpf',
      'raise': 'EPERM capset capability',
    })
  })
})

describe('capability and warden', () => {
  let result: ReturnType<typeof tour>
  beforeAll(() => void (result = tour(last!)))

  const guest = {
    'mem': 'EACCES ptrace_access_check warden',
    'attr': 'EACCES setprocattr warden',
    'report-before': 'ok',
  }

  test('root is a guest as well', () => {
    expect(texts(result.root)).toEqual({
      ...guest,
      'shadow': 'EACCES file_open warden',
      'usr-bin': 'EPERM inode_permission warden',
      'raise': 'ok',
      'setuid': 'ok',
    })
  })

  test('the visitor is refused by mode bits first', () => {
    expect(texts(result.visitor)).toEqual({
      ...guest,
      'shadow': 'EACCES capable capability',
      'usr-bin': 'EACCES capable capability',
      'raise': 'EPERM capset capability',
      'setuid': 'EPERM capable capability',
    })
  })

  test('each denial of warden left a record', () => {
    const hooks = result.root.denials.flatMap((record) =>
      record.kind === 'denial' && record.lsm === 'warden' ? [record.hook] : [])
    expect(hooks).toEqual(['file_open', 'inode_permission', 'ptrace_access_check', 'setprocattr'])
  })

  test('hooks are counted by system call', () => {
    const { hooks } = tourSubject(result.machine, subjects.at(-1)!, { counting: true })
    expect(hooks.get('openat2')!.hooks.get('file_open')).toBeGreaterThan(5)
    expect(hooks.get('setuid')!.hooks.get('capable')).toBe(1)
  })
})

test('security off has no hook and refuses what capabilities refuse', () => {
  const { root, visitor } = tour(columns([])[0]!)
  expect(texts(root)).toMatchObject({ shadow: 'ok', mem: 'ok', setuid: 'ok' })
  expect(texts(visitor)).toMatchObject({ shadow: 'EACCES', raise: 'EPERM', setuid: 'EPERM' })
})
