/** Types, flags and sizes of BPF maps, programs and links. */

// maps
export const BPF_MAP_TYPE_UNSPEC = 0
export const BPF_MAP_TYPE_HASH = 1
export const BPF_MAP_TYPE_ARRAY = 2
export const BPF_MAP_TYPE_PROG_ARRAY = 3
export const BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4
export const BPF_MAP_TYPE_PERCPU_HASH = 5
export const BPF_MAP_TYPE_PERCPU_ARRAY = 6
export const BPF_MAP_TYPE_STACK_TRACE = 7
export const BPF_MAP_TYPE_CGROUP_ARRAY = 8
export const BPF_MAP_TYPE_LRU_HASH = 9
export const BPF_MAP_TYPE_LRU_PERCPU_HASH = 10
export const BPF_MAP_TYPE_LPM_TRIE = 11
export const BPF_MAP_TYPE_ARRAY_OF_MAPS = 12
export const BPF_MAP_TYPE_HASH_OF_MAPS = 13
export const BPF_MAP_TYPE_DEVMAP = 14
export const BPF_MAP_TYPE_SOCKMAP = 15
export const BPF_MAP_TYPE_CPUMAP = 16
export const BPF_MAP_TYPE_XSKMAP = 17
export const BPF_MAP_TYPE_SOCKHASH = 18
export const BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED = 19
export const BPF_MAP_TYPE_CGROUP_STORAGE = 19
export const BPF_MAP_TYPE_REUSEPORT_SOCKARRAY = 20
export const BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED = 21
export const BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE = 21
export const BPF_MAP_TYPE_QUEUE = 22
export const BPF_MAP_TYPE_STACK = 23
export const BPF_MAP_TYPE_SK_STORAGE = 24
export const BPF_MAP_TYPE_DEVMAP_HASH = 25
export const BPF_MAP_TYPE_STRUCT_OPS = 26
export const BPF_MAP_TYPE_RINGBUF = 27
export const BPF_MAP_TYPE_INODE_STORAGE = 28
export const BPF_MAP_TYPE_TASK_STORAGE = 29
export const BPF_MAP_TYPE_BLOOM_FILTER = 30
export const BPF_MAP_TYPE_USER_RINGBUF = 31
export const BPF_MAP_TYPE_CGRP_STORAGE = 32
export const BPF_MAP_TYPE_ARENA = 33

// programs
export const BPF_PROG_TYPE_UNSPEC = 0
export const BPF_PROG_TYPE_SOCKET_FILTER = 1
export const BPF_PROG_TYPE_KPROBE = 2
export const BPF_PROG_TYPE_SCHED_CLS = 3
export const BPF_PROG_TYPE_SCHED_ACT = 4
export const BPF_PROG_TYPE_TRACEPOINT = 5
export const BPF_PROG_TYPE_XDP = 6
export const BPF_PROG_TYPE_PERF_EVENT = 7
export const BPF_PROG_TYPE_CGROUP_SKB = 8
export const BPF_PROG_TYPE_CGROUP_SOCK = 9
export const BPF_PROG_TYPE_LWT_IN = 10
export const BPF_PROG_TYPE_LWT_OUT = 11
export const BPF_PROG_TYPE_LWT_XMIT = 12
export const BPF_PROG_TYPE_SOCK_OPS = 13
export const BPF_PROG_TYPE_SK_SKB = 14
export const BPF_PROG_TYPE_CGROUP_DEVICE = 15
export const BPF_PROG_TYPE_SK_MSG = 16
export const BPF_PROG_TYPE_RAW_TRACEPOINT = 17
export const BPF_PROG_TYPE_CGROUP_SOCK_ADDR = 18
export const BPF_PROG_TYPE_LWT_SEG6LOCAL = 19
export const BPF_PROG_TYPE_LIRC_MODE2 = 20
export const BPF_PROG_TYPE_SK_REUSEPORT = 21
export const BPF_PROG_TYPE_FLOW_DISSECTOR = 22
export const BPF_PROG_TYPE_CGROUP_SYSCTL = 23
export const BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE = 24
export const BPF_PROG_TYPE_CGROUP_SOCKOPT = 25
export const BPF_PROG_TYPE_TRACING = 26
export const BPF_PROG_TYPE_STRUCT_OPS = 27
export const BPF_PROG_TYPE_EXT = 28
export const BPF_PROG_TYPE_LSM = 29
export const BPF_PROG_TYPE_SK_LOOKUP = 30
export const BPF_PROG_TYPE_SYSCALL = 31
export const BPF_PROG_TYPE_NETFILTER = 32

// links
export const BPF_LINK_TYPE_UNSPEC = 0
export const BPF_LINK_TYPE_RAW_TRACEPOINT = 1
export const BPF_LINK_TYPE_TRACING = 2
export const BPF_LINK_TYPE_CGROUP = 3
export const BPF_LINK_TYPE_ITER = 4
export const BPF_LINK_TYPE_NETNS = 5
export const BPF_LINK_TYPE_XDP = 6
export const BPF_LINK_TYPE_PERF_EVENT = 7
export const BPF_LINK_TYPE_KPROBE_MULTI = 8
export const BPF_LINK_TYPE_STRUCT_OPS = 9
export const BPF_LINK_TYPE_NETFILTER = 10
export const BPF_LINK_TYPE_TCX = 11
export const BPF_LINK_TYPE_UPROBE_MULTI = 12
export const BPF_LINK_TYPE_NETKIT = 13
export const BPF_LINK_TYPE_SOCKMAP = 14
export const BPF_PERF_EVENT_UNSPEC = 0
export const BPF_PERF_EVENT_UPROBE = 1
export const BPF_PERF_EVENT_URETPROBE = 2
export const BPF_PERF_EVENT_KPROBE = 3
export const BPF_PERF_EVENT_KRETPROBE = 4
export const BPF_PERF_EVENT_TRACEPOINT = 5
export const BPF_PERF_EVENT_EVENT = 6

// map_flags of BPF_MAP_CREATE
export const BPF_F_NO_PREALLOC = 0x1
export const BPF_F_NO_COMMON_LRU = 0x2
export const BPF_F_NUMA_NODE = 0x4
export const BPF_F_RDONLY = 0x8
export const BPF_F_WRONLY = 0x10
export const BPF_F_STACK_BUILD_ID = 0x20
export const BPF_F_ZERO_SEED = 0x40
export const BPF_F_RDONLY_PROG = 0x80
export const BPF_F_WRONLY_PROG = 0x100
export const BPF_F_CLONE = 0x200
export const BPF_F_MMAPABLE = 0x400
export const BPF_F_PRESERVE_ELEMS = 0x800
export const BPF_F_INNER_MAP = 0x1000
export const BPF_F_LINK = 0x2000
export const BPF_F_PATH_FD = 0x4000
export const BPF_F_VTYPE_BTF_OBJ_FD = 0x8000
export const BPF_F_TOKEN_FD = 0x10000
export const BPF_F_SEGV_ON_FAULT = 0x20000
export const BPF_F_NO_USER_CONV = 0x40000

// flags of an update
export const BPF_ANY = 0
export const BPF_NOEXIST = 1
export const BPF_EXIST = 2
export const BPF_F_LOCK = 4

// prog_flags of BPF_PROG_LOAD
export const BPF_F_STRICT_ALIGNMENT = 0x1
export const BPF_F_ANY_ALIGNMENT = 0x2
export const BPF_F_TEST_RND_HI32 = 0x4
export const BPF_F_TEST_STATE_FREQ = 0x8
export const BPF_F_SLEEPABLE = 0x10
export const BPF_F_XDP_HAS_FRAGS = 0x20
export const BPF_F_XDP_DEV_BOUND_ONLY = 0x40
export const BPF_F_TEST_REG_INVARIANTS = 0x80

// attach_flags, query_flags, test_run flags
export const BPF_F_ALLOW_OVERRIDE = 0x1
export const BPF_F_ALLOW_MULTI = 0x2
export const BPF_F_REPLACE = 0x4
export const BPF_F_BEFORE = 0x8
export const BPF_F_AFTER = 0x10
export const BPF_F_ID = 0x20
export const BPF_F_PREORDER = 0x40
export const BPF_F_QUERY_EFFECTIVE = 0x1
export const BPF_F_TEST_RUN_ON_CPU = 0x1
export const BPF_F_TEST_XDP_LIVE_FRAMES = 0x2
export const BPF_F_TEST_SKB_CHECKSUM_COMPLETE = 0x4

// flags of helpers: stacks, perf and ring buffers, storage, timers, exec, redirects, checksums
export const BPF_F_SKIP_FIELD_MASK = 0xff
export const BPF_F_USER_STACK = 0x100
export const BPF_F_FAST_STACK_CMP = 0x200
export const BPF_F_REUSE_STACKID = 0x400
export const BPF_F_USER_BUILD_ID = 0x800
export const BPF_F_INDEX_MASK = 0xffffffff
export const BPF_F_CURRENT_CPU = 0xffffffff
export const BPF_RB_NO_WAKEUP = 0x1
export const BPF_RB_FORCE_WAKEUP = 0x2
export const BPF_RB_AVAIL_DATA = 0
export const BPF_RB_RING_SIZE = 1
export const BPF_RB_CONS_POS = 2
export const BPF_RB_PROD_POS = 3
export const BPF_RINGBUF_BUSY_BIT = 0x80000000
export const BPF_RINGBUF_DISCARD_BIT = 0x40000000
export const BPF_RINGBUF_HDR_SZ = 0x8
export const BPF_LOCAL_STORAGE_GET_F_CREATE = 0x1
export const BPF_SK_STORAGE_GET_F_CREATE = 0x1
export const BPF_F_TIMER_ABS = 0x1
export const BPF_F_TIMER_CPU_PIN = 0x2
export const BPF_F_BPRM_SECUREEXEC = 0x1
export const BPF_F_RECOMPUTE_CSUM = 0x1
export const BPF_F_INVALIDATE_HASH = 0x2
export const BPF_F_HDR_FIELD_MASK = 0xf
export const BPF_F_PSEUDO_HDR = 0x10
export const BPF_F_MARK_MANGLED_0 = 0x20
export const BPF_F_MARK_ENFORCE = 0x40
export const BPF_F_IPV6 = 0x80
export const BPF_F_ZERO_CSUM_TX = 0x2
export const BPF_F_DONT_FRAGMENT = 0x4
export const BPF_F_SEQ_NUMBER = 0x8
export const BPF_F_SYSCTL_BASE_NAME = 0x1
export const BPF_F_GET_BRANCH_RECORDS_SIZE = 0x1
export const BPF_F_INGRESS = 0x1
export const BPF_F_BROADCAST = 0x8
export const BPF_F_EXCLUDE_INGRESS = 0x10
export const BPF_F_KPROBE_MULTI_RETURN = 0x1
export const BPF_F_UPROBE_MULTI_RETURN = 0x1
export const BPF_F_NETFILTER_IP_DEFRAG = 0x1
export const BPF_F_TUNINFO_IPV6 = 0x1
export const BPF_F_NO_TUNNEL_KEY = 0x10
export const BPF_F_TUNINFO_FLAGS = 0x10
export const BPF_F_ADJ_ROOM_FIXED_GSO = 0x1
export const BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 = 0x2
export const BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 = 0x4
export const BPF_F_ADJ_ROOM_ENCAP_L4_GRE = 0x8
export const BPF_F_ADJ_ROOM_ENCAP_L4_UDP = 0x10
export const BPF_F_ADJ_ROOM_NO_CSUM_RESET = 0x20
export const BPF_F_ADJ_ROOM_ENCAP_L2_ETH = 0x40
export const BPF_F_ADJ_ROOM_DECAP_L3_IPV4 = 0x80
export const BPF_F_ADJ_ROOM_DECAP_L3_IPV6 = 0x100
export const BPF_F_REDIRECT_FLAGS = 0x19
export const BPF_F_PAD_ZEROS = 0x1
// 64-bit ones: length in perf_event_output, name space in lookups
export const BPF_F_CTXLEN_MASK = 0xfffff00000000n
export const BPF_F_CURRENT_NETNS = -1

// answers of programs
export const BPF_OK = 0
export const BPF_DROP = 2
export const BPF_REDIRECT = 7
export const BPF_LWT_REROUTE = 128
export const BPF_FLOW_DISSECTOR_CONTINUE = 129
export const XDP_ABORTED = 0
export const XDP_DROP = 1
export const XDP_PASS = 2
export const XDP_TX = 3
export const XDP_REDIRECT = 4
export const SK_DROP = 0
export const SK_PASS = 1
export const TCX_NEXT = -1
export const TCX_PASS = 0
export const TCX_DROP = 2
export const TCX_REDIRECT = 7

// cgroup iterators
export const BPF_CGROUP_ITER_ORDER_UNSPEC = 0
export const BPF_CGROUP_ITER_SELF_ONLY = 1
export const BPF_CGROUP_ITER_DESCENDANTS_PRE = 2
export const BPF_CGROUP_ITER_DESCENDANTS_POST = 3
export const BPF_CGROUP_ITER_ANCESTORS_UP = 4

// device cgroup
export const BPF_DEVCG_ACC_MKNOD = 1
export const BPF_DEVCG_ACC_READ = 2
export const BPF_DEVCG_ACC_WRITE = 4
export const BPF_DEVCG_DEV_BLOCK = 1
export const BPF_DEVCG_DEV_CHAR = 2

// names and digests, in bytes
export const BPF_BUILD_ID_SIZE = 20
export const BPF_OBJ_NAME_LEN = 16
export const BPF_TAG_SIZE = 8

// limits: classic instructions, stack bytes, arguments, call frames, instructions the verifier looks at, loop rounds
export const BPF_MAXINSNS = 4096
export const MAX_BPF_STACK = 512
export const MAX_BPF_FUNC_ARGS = 12
export const MAX_BPF_FUNC_REG_ARGS = 5
export const MAX_CALL_FRAMES = 8
export const BPF_COMPLEXITY_LIMIT_INSNS = 1000000
export const BPF_MAX_LOOPS = 8388608
