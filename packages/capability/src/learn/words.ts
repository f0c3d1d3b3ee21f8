/** The permissions of each capability, in words for people who are about to give one away: a line each. */
import {
  CAP_AUDIT_CONTROL, CAP_AUDIT_READ, CAP_AUDIT_WRITE, CAP_BLOCK_SUSPEND, CAP_BPF, CAP_CHECKPOINT_RESTORE, CAP_CHOWN,
  CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_IPC_LOCK, CAP_IPC_OWNER, CAP_KILL, CAP_LEASE,
  CAP_LINUX_IMMUTABLE, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_MKNOD, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE,
  CAP_NET_BROADCAST, CAP_NET_RAW, CAP_PERFMON, CAP_SETFCAP, CAP_SETGID, CAP_SETPCAP, CAP_SETUID, CAP_SYS_ADMIN,
  CAP_SYS_BOOT, CAP_SYS_CHROOT, CAP_SYSLOG, CAP_SYS_MODULE, CAP_SYS_NICE, CAP_SYS_PACCT, CAP_SYS_PTRACE, CAP_SYS_RAWIO,
  CAP_SYS_RESOURCE, CAP_SYS_TIME, CAP_SYS_TTY_CONFIG, CAP_WAKE_ALARM,
} from '@lsmkit/abi'

export interface CapWords {
  readonly permits: string
  /** How whoever has it gets everything else; null when no way is known. */
  readonly escalates: string | null
  /** An alternative if only a part of it is needed. */
  readonly instead: string | null
}

const plain = (permits: string, instead: string | null = null): CapWords => ({ permits, escalates: null, instead })
const broad = (permits: string, escalates: string, instead: string | null = null): CapWords =>
  ({ permits, escalates, instead })

export const capWords: Readonly<Record<number, CapWords>> = {
  [CAP_CHOWN]: broad(
    'any file may be given to anybody',
    'it takes the files of root',
    'let the files be made by their owner',
  ),
  [CAP_DAC_OVERRIDE]: broad(
    'mode bits hold back no reading, writing or searching', 'it writes the files of root',
    'cap_dac_read_search where only reading is needed; a group or an ACL on the files that were seen',
  ),
  [CAP_DAC_READ_SEARCH]: broad(
    'every file may be read and every folder searched', 'it reads keys and /etc/shadow',
    'a group or an ACL on the files that were seen',
  ),
  [CAP_FOWNER]: broad(
    'what only the owner of a file may do, with any file', 'it changes modes of files of root', 'run as their owner',
  ),
  [CAP_FSETID]: plain('set-id bits survive a change of a file'),
  [CAP_KILL]: plain('signals to every process', 'run as the user whose processes are signalled'),
  [CAP_SETGID]: broad('any group ids', 'it becomes a member of the group of root', 'start it in its groups'),
  [CAP_SETUID]: broad('any user ids', 'it becomes root', 'start it as its user'),
  [CAP_SETPCAP]: plain('capabilities of the bounding set pass on; securebits change'),
  [CAP_LINUX_IMMUTABLE]: plain('files may be made append-only and immutable, and writable again'),
  [CAP_NET_BIND_SERVICE]: plain(
    'every port below 1024',
    'sysctl net.ipv4.ip_unprivileged_port_start, or a socket that is handed over',
  ),
  [CAP_NET_BROADCAST]: plain('broadcast and multicast'),
  [CAP_NET_ADMIN]: broad(
    'interfaces, routes, firewalls and packet capture of the network namespace',
    'it redirects traffic of others',
    'a network namespace of its own',
  ),
  [CAP_NET_RAW]: plain(
    'raw and packet sockets: packets with forged addresses, and reading those of others',
    'sysctl net.ipv4.ping_group_range for ping',
  ),
  [CAP_IPC_LOCK]: plain('memory may be locked without limit', 'a higher RLIMIT_MEMLOCK'),
  [CAP_IPC_OWNER]: plain('every object of System V IPC', 'the group and mode of the objects that were seen'),
  [CAP_SYS_MODULE]: broad('kernel modules', 'it runs code in the kernel'),
  [CAP_SYS_RAWIO]: broad('I/O ports and raw devices', 'it writes memory and disks'),
  [CAP_SYS_CHROOT]: plain('chroot(2), and mount namespaces of others'),
  [CAP_SYS_PTRACE]: broad(
    'every process may be traced and read',
    'it runs code in a process of root',
    'trace a child of its own',
  ),
  [CAP_SYS_PACCT]: plain('process accounting'),
  [CAP_SYS_ADMIN]: broad(
    'mounts, namespaces, quotas, devices and hundreds of other checks', 'it mounts what it likes over the system',
    'cap_bpf, cap_perfmon, cap_syslog or cap_checkpoint_restore where the check takes one of them; ' +
      'a user namespace of its own',
  ),
  [CAP_SYS_BOOT]: plain('reboot, and loading of another kernel'),
  [CAP_SYS_NICE]: plain(
    'priorities, scheduling classes and CPU affinity of every process',
    'a higher RLIMIT_NICE or RLIMIT_RTPRIO',
  ),
  [CAP_SYS_RESOURCE]: plain('limits, quotas and reserved space do not hold', 'higher limits set by whoever starts it'),
  [CAP_SYS_TIME]: plain('the clocks of the system'),
  [CAP_SYS_TTY_CONFIG]: plain('terminals may be configured and hung up'),
  [CAP_MKNOD]: broad('device files', 'it makes a file of the disk and writes to it', 'a devtmpfs that has the devices'),
  [CAP_LEASE]: plain('leases on files of others'),
  [CAP_AUDIT_WRITE]: plain('records in the audit log'),
  [CAP_AUDIT_CONTROL]: plain('rules and state of the audit'),
  [CAP_SETFCAP]: broad('capabilities of files', 'it gives a program all capabilities'),
  [CAP_MAC_OVERRIDE]: broad(
    'the policy of Smack does not hold',
    'no label holds it',
    'a rule for the labels that were seen',
  ),
  [CAP_MAC_ADMIN]: broad('labels and policy may be changed', 'it gives itself any label'),
  [CAP_SYSLOG]: plain('the kernel log, and addresses of the kernel'),
  [CAP_WAKE_ALARM]: plain('timers that wake the machine'),
  [CAP_BLOCK_SUSPEND]: plain('the machine may be kept awake'),
  [CAP_AUDIT_READ]: plain('the audit log'),
  [CAP_PERFMON]: broad('performance events of the whole machine', 'it reads memory of the kernel and of others'),
  [CAP_BPF]: broad('BPF programs and maps', 'with cap_perfmon it reads memory of the kernel'),
  [CAP_CHECKPOINT_RESTORE]: plain('pids may be chosen, and memory of others seen for a checkpoint'),
}
