/** BPF type format: header, kinds, integer encodings, linkage, and CO-RE relocation kinds. */

export const BTF_MAGIC = 0xeb9f
export const BTF_VERSION = 1
export const BTF_MAX_TYPE = 0x000fffff
export const BTF_MAX_NAME_OFFSET = 0x00ffffff
export const BTF_MAX_VLEN = 0xffff

// kinds
export const BTF_KIND_UNKN = 0
export const BTF_KIND_INT = 1
export const BTF_KIND_PTR = 2
export const BTF_KIND_ARRAY = 3
export const BTF_KIND_STRUCT = 4
export const BTF_KIND_UNION = 5
export const BTF_KIND_ENUM = 6
export const BTF_KIND_FWD = 7
export const BTF_KIND_TYPEDEF = 8
export const BTF_KIND_VOLATILE = 9
export const BTF_KIND_CONST = 10
export const BTF_KIND_RESTRICT = 11
export const BTF_KIND_FUNC = 12
export const BTF_KIND_FUNC_PROTO = 13
export const BTF_KIND_VAR = 14
export const BTF_KIND_DATASEC = 15
export const BTF_KIND_FLOAT = 16
export const BTF_KIND_DECL_TAG = 17
export const BTF_KIND_TYPE_TAG = 18
export const BTF_KIND_ENUM64 = 19
export const BTF_KIND_MAX = 19

// encoding of an integer
export const BTF_INT_SIGNED = 0x1
export const BTF_INT_CHAR = 0x2
export const BTF_INT_BOOL = 0x4

// linkage
export const BTF_VAR_STATIC = 0
export const BTF_VAR_GLOBAL_ALLOCATED = 1
export const BTF_VAR_GLOBAL_EXTERN = 2
export const BTF_FUNC_STATIC = 0
export const BTF_FUNC_GLOBAL = 1
export const BTF_FUNC_EXTERN = 2

// CO-RE relocations (linux/bpf.h)
export const BPF_CORE_FIELD_BYTE_OFFSET = 0
export const BPF_CORE_FIELD_BYTE_SIZE = 1
export const BPF_CORE_FIELD_EXISTS = 2
export const BPF_CORE_FIELD_SIGNED = 3
export const BPF_CORE_FIELD_LSHIFT_U64 = 4
export const BPF_CORE_FIELD_RSHIFT_U64 = 5
export const BPF_CORE_TYPE_ID_LOCAL = 6
export const BPF_CORE_TYPE_ID_TARGET = 7
export const BPF_CORE_TYPE_EXISTS = 8
export const BPF_CORE_TYPE_SIZE = 9
export const BPF_CORE_ENUMVAL_EXISTS = 10
export const BPF_CORE_ENUMVAL_VALUE = 11
export const BPF_CORE_TYPE_MATCHES = 12

/** The fields of a type's `info` word. */
export const BTF_INFO_KIND = (info: number): number => (info >>> 24) & 0x1f
export const BTF_INFO_VLEN = (info: number): number => info & 0xffff
export const BTF_INFO_KFLAG = (info: number): number => info >>> 31

/** The fields of the word after BTF_KIND_INT. */
export const BTF_INT_ENCODING = (word: number): number => (word >>> 24) & 0x0f
export const BTF_INT_OFFSET = (word: number): number => (word >>> 16) & 0xff
export const BTF_INT_BITS = (word: number): number => word & 0xff

/** Bit-field size and bit offset of a member, when the kind flag is set. */
export const BTF_MEMBER_BITFIELD_SIZE = (offset: number): number => offset >>> 24
export const BTF_MEMBER_BIT_OFFSET = (offset: number): number => offset & 0xffffff
