/** Names of the LSMs that can be asked for on the command line, in the kernel's link order, for help without them. */
export const moduleNames = [
  'capability', 'smack', 'selinux', 'apparmor', 'yama', 'landlock', 'loadpin', 'safesetid', 'lockdown',
] as const
