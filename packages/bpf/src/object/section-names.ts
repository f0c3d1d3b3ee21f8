/** Which sections hold data, and what the kernel calls the maps made of them. */

/** A section that becomes a map of its own; frozen when programs may only read it. Null for other sections. */
export const dataSection = (name: string): { frozen: boolean } | null => {
  const is = (stem: string): boolean => name === stem || name.startsWith(`${stem}.`)
  if (is('.rodata')) return { frozen: true }
  if (is('.data') || is('.bss')) return { frozen: false }
  return null
}

/** Memory that programs and user space share: becomes the first bytes of the object's arena. */
export const ARENA_SECTION = '.addr_space.1'
export const CONFIG_SECTION = '.kconfig'
export const SYMBOL_SECTION = '.ksyms'
export const MAP_SECTION = '.maps'
/** Map definitions of before BTF: an array of `struct bpf_map_def`. */
export const OLD_MAP_SECTION = 'maps'

export const isStructOpsSection = (name: string): boolean => name === '.struct_ops' || name === '.struct_ops.link'

/** The kernel keeps 15 characters: of the section's name as many as fit, before it what remains of the object's. */
export const dataMapName = (object: string, section: string): string => {
  const kept = Math.min(Math.max(7, section.length), 15)
  const prefix = section.includes('.', 1) ? '' : object.slice(0, Math.max(0, 15 - kept))
  return `${prefix}${section.slice(0, kept)}`.replaceAll(/[^\w.]/g, '_')
}
