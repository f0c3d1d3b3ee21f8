/**
 * Bytes of the host's heap that are charged for each object of the kernel (host-memory.ts). They were measured on Node
 * 24 with Smack's state: the growth of heap and buffers over some thousands of each, rounded up. Contents, names and
 * messages are charged by their length in addition.
 */
export const COST = {
  // files
  /** With the state of the file system and of one LSM. */
  inode: 768,
  /** The nodes, closures and text of a computed file. */
  pseudoInode: 1152,
  /** A name in the cache; each unit of its text is two bytes more. */
  dentry: 320,
  superBlock: 1536,
  mount: 768,
  mountContext: 1024,
  /** An open file with a dentry of its own. */
  file: 448,
  /** A number in a descriptor table, taken or not. */
  descriptor: 24,
  /** A chunk of pages beside its bytes. */
  chunk: 192,
  xattr: 320,
  aclEntry: 64,
  lock: 160,
  lease: 256,
  /** A pseudo terminal whose two buffers are full. */
  pty: 65_536,
  // what watches files
  epollItem: 704,
  watch: 320,
  event: 256,
  // queues
  /** A page of a pipe beside its bytes. */
  pipePage: 128,
  sock: 1280,
  /** A message beside its bytes. */
  skb: 896,
  skbFile: 64,
  sockOption: 64,
  netDevice: 1024,
  /** A block device that a program has added. */
  blockDevice: 1024,
  /** A rule of the audit system, with its message. */
  auditRule: 2560,
  /** A policy or a state of IPsec, with its message. */
  xfrm: 768,
  // tasks
  thread: 2304,
  /** The parts that threads of a process share: signals, limits, descriptors, directories, memory. */
  process: 3328,
  cred: 640,
  group: 16,
  vma: 240,
  signal: 320,
  timer: 448,
  filterInstruction: 64,
  // namespaces
  /** Without the objects that the kernel keeps in it, which are charged on their own. */
  namespace: 1024,
  /** A line of a user namespace's maps. */
  idExtent: 64,
  // ipc and keys
  msgQueue: 896,
  message: 448,
  semSet: 896,
  sem: 56,
  semUndo: 256,
  shmSegment: 448,
  mqueue: 512,
  key: 896,
  keyLink: 160,
  // programs on hooks
  bpfInstruction: 512,
  // control groups
  cgroup: 2560,
  kernfsNode: 640,
} as const
