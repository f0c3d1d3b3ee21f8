/** The parts of a BPF instruction: class, size, mode, operation, source, and what registers and `src_reg` mean. */

// class: three low bits of the code
export const BPF_LD = 0x00
export const BPF_LDX = 0x01
export const BPF_ST = 0x02
export const BPF_STX = 0x03
export const BPF_ALU = 0x04
export const BPF_JMP = 0x05
export const BPF_RET = 0x06
export const BPF_MISC = 0x07
export const BPF_JMP32 = 0x06
export const BPF_ALU64 = 0x07

// size of a load or store
export const BPF_W = 0x00
export const BPF_H = 0x08
export const BPF_B = 0x10
export const BPF_DW = 0x18

// mode of a load or store
export const BPF_IMM = 0x00
export const BPF_ABS = 0x20
export const BPF_IND = 0x40
export const BPF_MEM = 0x60
export const BPF_LEN = 0x80
export const BPF_MSH = 0xa0
export const BPF_MEMSX = 0x80
export const BPF_ATOMIC = 0xc0
export const BPF_XADD = 0xc0

// source of an operation: constant or register
export const BPF_K = 0x00
export const BPF_X = 0x08

// arithmetic
export const BPF_ADD = 0x00
export const BPF_SUB = 0x10
export const BPF_MUL = 0x20
export const BPF_DIV = 0x30
export const BPF_OR = 0x40
export const BPF_AND = 0x50
export const BPF_LSH = 0x60
export const BPF_RSH = 0x70
export const BPF_NEG = 0x80
export const BPF_MOD = 0x90
export const BPF_XOR = 0xa0
export const BPF_MOV = 0xb0
export const BPF_ARSH = 0xc0
export const BPF_END = 0xd0

// byte order, source bit of BPF_END
export const BPF_TO_LE = 0x00
export const BPF_TO_BE = 0x08
export const BPF_FROM_LE = BPF_TO_LE
export const BPF_FROM_BE = BPF_TO_BE

// jumps
export const BPF_JA = 0x00
export const BPF_JEQ = 0x10
export const BPF_JGT = 0x20
export const BPF_JGE = 0x30
export const BPF_JSET = 0x40
export const BPF_JNE = 0x50
export const BPF_JLT = 0xa0
export const BPF_JLE = 0xb0
export const BPF_JSGT = 0x60
export const BPF_JSGE = 0x70
export const BPF_JSLT = 0xc0
export const BPF_JSLE = 0xd0
export const BPF_JCOND = 0xe0
export const BPF_CALL = 0x80
export const BPF_EXIT = 0x90

// BPF_JCOND in src_reg
export const BPF_MAY_GOTO = 0

// atomics in imm, beside BPF_ADD, BPF_OR, BPF_AND, BPF_XOR
export const BPF_FETCH = 0x1
export const BPF_XCHG = 0xe1
export const BPF_CMPXCHG = 0xf1

// registers
export const BPF_REG_0 = 0
export const BPF_REG_1 = 1
export const BPF_REG_2 = 2
export const BPF_REG_3 = 3
export const BPF_REG_4 = 4
export const BPF_REG_5 = 5
export const BPF_REG_6 = 6
export const BPF_REG_7 = 7
export const BPF_REG_8 = 8
export const BPF_REG_9 = 9
export const BPF_REG_10 = 10
// arguments, context of classic code, frame pointer
export const BPF_REG_ARG1 = 1
export const BPF_REG_ARG2 = 2
export const BPF_REG_ARG3 = 3
export const BPF_REG_ARG4 = 4
export const BPF_REG_ARG5 = 5
export const BPF_REG_CTX = 6
export const BPF_REG_FP = 10
export const MAX_BPF_REG = 11

// src_reg of a 16-byte load
export const BPF_PSEUDO_MAP_FD = 1
export const BPF_PSEUDO_MAP_IDX = 5
export const BPF_PSEUDO_MAP_VALUE = 2
export const BPF_PSEUDO_MAP_IDX_VALUE = 6
export const BPF_PSEUDO_BTF_ID = 3
export const BPF_PSEUDO_FUNC = 4

// src_reg of a call
export const BPF_PSEUDO_CALL = 1
export const BPF_PSEUDO_KFUNC_CALL = 2

// off of BPF_MOV: cast between address spaces
export const BPF_ADDR_SPACE_CAST = 1

// classic BPF alone
export const BPF_A = 0x10
export const BPF_TAX = 0x00
export const BPF_TXA = 0x80
export const BPF_MEMWORDS = 16
export const SKF_AD_OFF = -4096
export const SKF_AD_PROTOCOL = 0
export const SKF_AD_PKTTYPE = 4
export const SKF_AD_IFINDEX = 8
export const SKF_AD_NLATTR = 12
export const SKF_AD_NLATTR_NEST = 16
export const SKF_AD_MARK = 20
export const SKF_AD_QUEUE = 24
export const SKF_AD_HATYPE = 28
export const SKF_AD_RXHASH = 32
export const SKF_AD_CPU = 36
export const SKF_AD_ALU_XOR_X = 40
export const SKF_AD_VLAN_TAG = 44
export const SKF_AD_VLAN_TAG_PRESENT = 48
export const SKF_AD_PAY_OFFSET = 52
export const SKF_AD_RANDOM = 56
export const SKF_AD_VLAN_TPID = 60
export const SKF_AD_MAX = 64
export const SKF_NET_OFF = -1048576
export const SKF_LL_OFF = -2097152

/** The fields of a code. */
export const BPF_CLASS = (code: number): number => code & 0x07
export const BPF_SIZE = (code: number): number => code & 0x18
export const BPF_MODE = (code: number): number => code & 0xe0
export const BPF_OP = (code: number): number => code & 0xf0
export const BPF_SRC = (code: number): number => code & 0x08
