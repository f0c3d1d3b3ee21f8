/**
 * Subsystems that a kernel can be built without. Their calls then fail with ENOSYS, their families with EAFNOSUPPORT,
 * their protocols with EPROTONOSUPPORT, their file systems with ENODEV, and their files do not exist.
 */
export const OPTIONAL_SUBSYSTEMS = [
  'aio', 'binder', 'devpts', 'fanotify', 'file-handles', 'inotify', 'io-uring', 'keys', 'mptcp', 'mqueue', 'net',
  'numa', 'overlay', 'packet', 'perf', 'proc', 'quota', 'sctp', 'sysvipc', 'tracing', 'tun',
] as const

export type OptionalSubsystem = (typeof OPTIONAL_SUBSYSTEMS)[number]
