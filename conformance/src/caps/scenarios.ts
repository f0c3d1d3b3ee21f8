/** Rows of the named table that say in prose what is done: what each does here, by the row's id. */
import {
  AT_FDCWD, O_TRUNC, O_WRONLY, PR_CAP_AMBIENT, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PRIO_PROCESS, SCHED_BATCH,
  XATTR_NAME_CAPS,
} from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import {
  FILE, USER, VERSION_3, as, between, capget, capsProgram, capset, execOutcome, fileCaps, inNamespace, killpriv,
  mapZero, maskedCapset, prctls, seize, seizing, setcap, setxattr, sizeAnd, errnoText, tracedExec, traceme, withFile,
  writeByte,
} from './scenario.ts'
import type { Scenario } from './scenario.ts'

export const scenarios: Readonly<Record<string, Scenario>> = {
  'cap-149': setxattr('P=setfcap E=setfcap', XATTR_NAME_CAPS, fileCaps(2)),
  'cap-151': setxattr('', XATTR_NAME_CAPS, new Uint8Array(3)),
  'cap-153': setxattr('P=ALL E=ALL', XATTR_NAME_CAPS, Uint8Array.of(0, 0, 0, 2, ...Array<number>(20).fill(0))),
  'cap-155': setxattr('P=ALL E=ALL', XATTR_NAME_CAPS, fileCaps(2, { flags: 2 })),
  'cap-157': setxattr('P=ALL E=ALL', XATTR_NAME_CAPS, new Uint8Array(0)),
  'cap-159': setxattr('P=chown,setfcap,mac_admin E=chown,setfcap,mac_admin', 'security.foo', Uint8Array.of(1)),
  'cap-161': setxattr(USER, 'user.foo', Uint8Array.of(1), { uid: 1000, gid: 1000 }),
  'cap-163': withFile('P=sys_admin E=sys_admin', { caps: fileCaps(2) }, ({ kernel }, task) =>
    errnoText(kernel.sys.removexattr(task, FILE, XATTR_NAME_CAPS))),
  'cap-165': withFile('P=ALL E=ALL', { caps: fileCaps(3, { rootid: 1000 }) }, sizeAnd('rootid')),
  'cap-167': inNamespace({ caps: fileCaps(3, { rootid: 1000 }) }, sizeAnd('ver')),
  'cap-169': inNamespace({ caps: fileCaps(2) }, sizeAnd('ver')),
  'cap-171': inNamespace({}, ({ kernel }, task) =>
    errnoText(kernel.sys.setxattr(task, FILE, XATTR_NAME_CAPS, fileCaps(2), 0))),
  'cap-173': inNamespace({}, ({ kernel }, task) => errnoText(kernel.sys.chroot(task, '/'))),
  'cap-175': inNamespace({}, mapZero),
  'cap-177': as(`${USER} P=sys_rawio E=sys_rawio`, mapZero),
  'cap-179': capget('P=ALL E=ALL', 0, 0),
  'cap-181': capget('P=ALL E=ALL', VERSION_3, -1),
  'cap-183': capget(USER, VERSION_3, 1),
  'cap-185': capset(VERSION_3, -1),
  'cap-187': capset(0x11111111, 0),
  'cap-189': maskedCapset,
  'cap-191': prctls('', [PR_CAPBSET_DROP, 99]),
  'cap-193': prctls('', [PR_SET_NO_NEW_PRIVS, 0], [PR_SET_NO_NEW_PRIVS, 1, 1], [PR_SET_NO_NEW_PRIVS, 1]),
  'cap-195': prctls('', [PR_CAP_AMBIENT, 1, 41]),
  'cap-197': prctls('', [PR_CAP_AMBIENT, 99, 0], [PR_CAP_AMBIENT, 99, 41]),
  'cap-199': killpriv(writeByte),
  'cap-201': withFile('P=dac_override,chown E=dac_override,chown', { mode: 0o4755 }, (machine, task) => {
    const rc = writeByte(machine, task)
    const stat = new Kstat()
    machine.kernel.sys.stat(task, FILE, stat)
    return `${errnoText(rc)} ${(stat.mode & 0o7777).toString(8)}`
  }),
  'cap-203': killpriv(({ kernel }, task) => kernel.sys.chown(task, FILE, 0, 0)),
  'cap-205': killpriv(({ kernel }, task) => kernel.sys.utimensat(task, AT_FDCWD, FILE, null, 0)),
  'cap-207': killpriv(({ kernel }, task) => kernel.sys.openat(task, AT_FDCWD, FILE, O_WRONLY | O_TRUNC, 0)),
  'cap-209': seize(`${USER} P=chown`, `${USER} P=net_raw`),
  'cap-211': seize(`${USER} P=sys_ptrace E=sys_ptrace`, `${USER} P=ALL`),
  'cap-213': seize(`${USER} P=ALL`, 'uid=1001,1001,1001,1001 gid=1000,1000,1000,1000'),
  'cap-215': seize('', 'P=net_raw'),
  // the target keeps its set through an exec by ambient, and by it has an exe to read
  'cap-217': between(`${USER} P=net_raw E=net_raw`, `${USER} P=net_raw I=net_raw A=net_raw`, (machine, me, other) => {
    const { rc } = machine.exec(other, { ...capsProgram, caps: null })
    return rc < 0 ? rc : machine.kernel.sys.readlink(me, `/proc/${other.pid}/exe`, new Uint8Array(64))
  }),
  'cap-219': between(USER, `${USER} P=net_raw`, ({ kernel }, me, other) =>
    kernel.sys.setpriority(me, PRIO_PROCESS, other.pid, 5)),
  'cap-221': between(USER, `${USER} P=net_raw`, ({ kernel }, me, other) =>
    kernel.sys.sched_setscheduler(me, other.pid, SCHED_BATCH, { sched_priority: 0 })),
  'cap-223': as('P=sys_admin E=sys_admin', ({ kernel }, task) => {
    kernel.machine.current.task = task
    return errnoText(kernel.machine.lsm.settime.ask(null, { tz_minuteswest: 0, tz_dsttime: 0 }))
  }),
  'cap-225': as(`${USER} P=sys_chroot E=sys_chroot`, ({ kernel }, task) => errnoText(kernel.sys.chroot(task, '/'))),
  'cap-227': setcap('cap_net_raw,cap_chown=p'),
  'cap-229': setcap('cap_net_raw=eip'),
  'cap-231': setcap('all=ep'),
  'cap-233': setcap('='),
  'cap-235': tracedExec('P=ALL E=ALL', USER, traceme),
  'cap-237': tracedExec(USER, USER, seizing),
  'cap-239': tracedExec(USER, USER, traceme),
  'cap-241': tracedExec(`${USER} P=setuid E=setuid`, `${USER} P=setuid E=setuid`, seizing),
  'cap-243': as(USER, (machine, task) => execOutcome(machine, task, capsProgram, { sharedFs: true })),
  'cap-245': as(USER, (machine, task) => execOutcome(machine, task, capsProgram, { nosuid: true })),
  'cap-247': as(`${USER} P=net_raw I=net_raw A=net_raw`, (machine, task) =>
    execOutcome(machine, task, capsProgram, { nosuid: true })),
}
