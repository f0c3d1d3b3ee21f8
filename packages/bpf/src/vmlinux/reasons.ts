/** Why a kernel in user space has nothing for a member of a struct: such a member reads 0. */

export const reasons = {
  lock: 'one thread of JavaScript runs the kernel: it has no locks, waiters or deferred work',
  link: 'sets and maps of JavaScript hold the objects, which have no links in them',
  count: 'the garbage collector frees objects: nobody counts their users',
  schedule: 'the host schedules: there are no run queues, CPUs, time slices or switches',
  time: 'nobody measures how much time of the processor one task takes',
  pages: 'memory is the host\'s: there are no pages, page tables, page faults, page cache or reclaim',
  processor: 'there is no processor state: system calls are calls of functions',
  device: 'there are no devices, drivers, interrupts, DMA or power states',
  block: 'there is no block layer, and file systems write nothing back',
  packets: 'sockets hand data over by function calls: there are no routes, queues, offloads or timers of protocols',
  protocol: 'the protocol is not there: its hooks have labels alone',
  function: 'functions of JavaScript have no addresses that a program could compare',
  feature: 'the feature is not built in',
  tracing: 'programs are the only tracers: there are no counters, probes or buffers of perf and ftrace',
  code: 'a module is a package of JavaScript: it has no sections, symbols or tables',
  audit: 'audit records are made from the arguments of hooks: no context is kept for a call',
  silent: 'only tracepoints that the kernel never comes by lead to the struct',
  call: 'the state lasts for a part of one call, and is in variables of that function',
  verifier: 'the verifier and the compiler of programs are our own, with other notes',
  format: 'bytes of a file system\'s or a user\'s format, which is not kept in this form',
  filler: 'the member only marks a place or fills one: it has no value in Linux either',
} as const

export type Reason = keyof typeof reasons
