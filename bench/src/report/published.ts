/** Published costs of security modules, by kernel people; none has a table by hook. */

export interface Published {
  readonly what: string
  readonly cost: string
  readonly source: string
}

export const published: readonly Published[] = [
  { what: 'SELinux, open and close (lmbench)', cost: '+27 %', source: 'FREENIX 2001' },
  { what: 'SELinux, stat (lmbench)', cost: '+28 %', source: 'FREENIX 2001' },
  { what: 'SELinux, creating an empty file (lmbench)', cost: '+18 %', source: 'FREENIX 2001' },
  { what: 'SELinux hooks, open, without enforcement', cost: '+87 %', source: 'Zhang, Jaeger, Liu 2021, Linux 5.3' },
  { what: 'BPF LSM with no program, eventfd writes', cost: '+4 %', source: 'Renauld, Jackman 2020' },
  { what: 'list over static calls, bpf and SELinux, pipe throughput', cost: '+9.5 %', source: 'KP Singh 2023 to 2024' },
  { what: 'list over static calls, bpf and SELinux, file write', cost: '+6.6 %', source: 'KP Singh 2023 to 2024' },
  { what: 'list over static calls, bpf and SELinux, UnixBench index', cost: '+3.5 %', source: 'KP Singh 2023 to 2024' },
  { what: 'list over static calls, all of stress-ng', cost: '+2.1 %', source: 'kernel test robot 2024' },
]
