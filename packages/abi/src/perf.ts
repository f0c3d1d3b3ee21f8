/** What the perf_event_open hook is asked for, and the kinds of event. */

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
