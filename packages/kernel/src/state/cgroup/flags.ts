/** Flags of the hierarchy of control groups, as the last mount from the first namespace set them. */
export type CgroupFlag = (typeof CGROUP_FLAG_NAMES)[number]
export type CgroupFlags = Record<CgroupFlag, boolean>
export const CGROUP_FLAG_NAMES = [
  'nsdelegate', 'favordynmods', 'memory_localevents', 'memory_recursiveprot', 'memory_hugetlb_accounting',
  'pids_localevents',
] as const
export const noCgroupFlags = (): CgroupFlags =>
  Object.fromEntries(CGROUP_FLAG_NAMES.map((name) => [name, false])) as CgroupFlags
