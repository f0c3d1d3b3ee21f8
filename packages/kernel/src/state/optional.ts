/**
 * Subsystems that a kernel can be built without, by the name of what is left out. Their calls answer ENOSYS, their
 * families EAFNOSUPPORT, their protocols EPROTONOSUPPORT, their file systems ENODEV, and their files are not there.
 */
export const OPTIONAL_SUBSYSTEMS = [
  'aio', 'fanotify', 'file-handles', 'inotify', 'keys', 'mptcp', 'mqueue', 'numa', 'overlay', 'packet', 'perf', 'quota',
  'sctp', 'sysvipc', 'tracing', 'tun',
] as const

export type OptionalSubsystem = (typeof OPTIONAL_SUBSYSTEMS)[number]
