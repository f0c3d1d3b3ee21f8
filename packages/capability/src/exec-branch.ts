/** Names of the ways through execve's computation; they show a test or `lsm caps exec` why a result came out. */

export const execBranches = {
  // The program's set-id bits.
  'setuid': 'the effective user id is the file owner',
  'setgid': 'the effective group id is the file group',
  'setgid-without-group-execute': 'the set-group-ID bit without group execute is not a set-group-ID bit',
  'set-id-ignored-nosuid': 'set-id bits do not count: the mount is nosuid or belongs to another user namespace',
  'set-id-ignored-no-new-privs': 'set-id bits do not count: no_new_privs is set',
  'set-id-ignored-unmapped': 'set-id bits do not count: owner or group has no name in the user namespace',
  // The program's capabilities.
  'file-caps-disabled': 'file capabilities are switched off at boot',
  'file-caps-ignored-nosuid': 'file capabilities are not read: the mount is nosuid or of another user namespace',
  'file-caps-none': 'the file has no capabilities',
  'file-caps-ignored-rootid': 'the file has capabilities, but its root id is not a root here',
  'file-caps-malformed': 'the attribute has no known shape: the call fails',
  'file-caps': 'permitted = bounding & file permitted | inheritable & file inheritable',
  'file-caps-reduced': 'the file asked for more than it got, without the effective bit: it gets less',
  'file-caps-refused': 'the file asked for more than it could get, with the effective bit: the call fails',
  // What being root adds.
  'root-not-special': 'NOROOT is set: user id 0 adds nothing',
  'root-not': 'neither the real nor the new effective user id is 0',
  'root-caps-from-file': 'set-user-ID root program with file capabilities: only those count',
  'root-permitted': 'permitted = bounding | inheritable, because real or effective user id is 0',
  'root-effective': 'all permitted become effective, because the effective user id is 0',
  // Gaining privilege.
  'gained': 'permitted grew beyond what the process had: dangerous personality flags are cleared',
  'user-id-changed': 'the effective user id counts as changed',
  'group-id-changed': 'the effective group id counts as changed',
  'tracer-capable': 'the tracer may trace whatever this becomes: nothing is taken back',
  'limited': 'no_new_privs, a shared fs struct or a tracer without privilege: permitted = permitted & old permitted',
  'ids-dropped': 'and the set-id bits are undone, for want of CAP_SETUID or by no_new_privs',
  // The result.
  'ambient-broken': 'the ambient set was beyond permitted or inheritable: the call fails',
  'ambient-cleared': 'ambient is empty: the file has capabilities or the ids changed',
  'ambient-added': 'permitted = permitted | ambient',
  'effective-permitted': 'effective = permitted',
  'effective-ambient': 'effective = ambient',
  'keep-caps-cleared': 'the KEEP_CAPS bit is cleared',
  'secure-id-changed': 'AT_SECURE: the ids changed',
  'secure-ids-differ': 'AT_SECURE: effective ids differ from the real ones',
  'secure-caps': 'AT_SECURE: a process whose real user id is not 0 holds capabilities beyond ambient',
} as const

export type ExecBranch = keyof typeof execBranches
