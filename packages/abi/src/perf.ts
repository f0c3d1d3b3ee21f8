/** Types of access for the perf_event_open hook, and the kinds of event. */

// type of security_perf_event_open()
export const PERF_SECURITY_OPEN = 0
export const PERF_SECURITY_CPU = 1
export const PERF_SECURITY_KERNEL = 2
export const PERF_SECURITY_TRACEPOINT = 3

// perf_event_attr->type
export const PERF_TYPE_HARDWARE = 0
export const PERF_TYPE_SOFTWARE = 1
export const PERF_TYPE_TRACEPOINT = 2
export const PERF_TYPE_HW_CACHE = 3
export const PERF_TYPE_RAW = 4
export const PERF_TYPE_BREAKPOINT = 5

// perf_event_attr->config of PERF_TYPE_SOFTWARE
export const PERF_COUNT_SW_CPU_CLOCK = 0
export const PERF_COUNT_SW_TASK_CLOCK = 1
export const PERF_COUNT_SW_PAGE_FAULTS = 2
export const PERF_COUNT_SW_CONTEXT_SWITCHES = 3
export const PERF_COUNT_SW_CPU_MIGRATIONS = 4
export const PERF_COUNT_SW_PAGE_FAULTS_MIN = 5
export const PERF_COUNT_SW_PAGE_FAULTS_MAJ = 6
export const PERF_COUNT_SW_ALIGNMENT_FAULTS = 7
export const PERF_COUNT_SW_EMULATION_FAULTS = 8
export const PERF_COUNT_SW_DUMMY = 9
export const PERF_COUNT_SW_BPF_OUTPUT = 10
export const PERF_COUNT_SW_CGROUP_SWITCHES = 11
export const PERF_COUNT_SW_MAX = 12

// perf_event_attr->sample_type, ->read_format
export const PERF_SAMPLE_CALLCHAIN = 0x20
export const PERF_SAMPLE_RAW = 0x400
export const PERF_SAMPLE_REGS_INTR = 0x40000
export const PERF_SAMPLE_PHYS_ADDR = 0x80000
export const PERF_SAMPLE_MAX = 0x2000000
export const PERF_FORMAT_TOTAL_TIME_ENABLED = 0x1
export const PERF_FORMAT_TOTAL_TIME_RUNNING = 0x2
export const PERF_FORMAT_ID = 0x4
export const PERF_FORMAT_GROUP = 0x8
export const PERF_FORMAT_LOST = 0x10
export const PERF_FORMAT_MAX = 0x20

// flags of perf_event_open(2), ioctls of its files
export const PERF_FLAG_FD_NO_GROUP = 0x1
export const PERF_FLAG_FD_OUTPUT = 0x2
export const PERF_FLAG_PID_CGROUP = 0x4
export const PERF_FLAG_FD_CLOEXEC = 0x8
export const PERF_EVENT_IOC_ENABLE = 0x2400
export const PERF_EVENT_IOC_DISABLE = 0x2401
export const PERF_EVENT_IOC_REFRESH = 0x2402
export const PERF_EVENT_IOC_RESET = 0x2403
export const PERF_EVENT_IOC_SET_OUTPUT = 0x2405
export const PERF_EVENT_IOC_ID = 0x80082407
export const PERF_IOC_FLAG_GROUP = 1
