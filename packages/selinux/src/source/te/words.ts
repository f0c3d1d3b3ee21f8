/** Words that no name may be: checkpolicy's, in lower or in upper case. */

const reserved = new Set(`clone common class constrain validatetrans inherits sid role roles roleattribute
attribute_role types
typealias typeattribute expandattribute typebounds type bool tunable if else alias attribute type_transition
type_member type_change role_transition range_transition sensitivity dominance category level range mlsconstrain
mlsvalidatetrans user neverallow allow auditallow auditdeny dontaudit allowxperm auditallowxperm dontauditxperm
neverallowxperm source target sameuser module require optional or and not xor eq true false dom domby incomp fscon
portcon ibpkeycon ibendportcon netifcon nodecon pirqcon iomemcon ioportcon pcidevicecon devicetreecon fs_use_xattr
fs_use_task fs_use_trans genfscon r1 r2 r3 u1 u2 u3 t1 t2 t3 l1 l2 h1 h2 policycap permissive neveraudit default_user
default_role default_type default_range low-high high low glblub`.split(/\s+/))

/** The keyword that a word is, in lower case; null of a name. */
export const keywordOf = (text: string): string | null => {
  if (reserved.has(text)) return text
  const lower = text.toLowerCase()
  return text === text.toUpperCase() && reserved.has(lower) ? lower : null
}
