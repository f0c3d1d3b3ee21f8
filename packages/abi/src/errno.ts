/** Error numbers of Linux on x86-64, as positive values; the kernel and every hook return them negated. */

declare const unsigned: unique symbol

/** A positive error number. Nothing of it is there at run time; `-EACCES` is an ordinary number. */
export type Errno<N extends number = number> = N & { readonly [unsigned]?: true }

/** The answer of a hook: any number but an `Errno`, which lacks its sign. `() => EACCES` does not compile. */
export type Answer = number & { readonly [unsigned]?: never }

// errno-base.h and errno.h: what user space sees.
/** The operation is not permitted: a privilege or the ownership that it needs is missing. */
export const EPERM: Errno<1> = 1
/** No such file or directory. */
export const ENOENT: Errno<2> = 2
/** No such process. */
export const ESRCH: Errno<3> = 3
/** A signal interrupted the call. */
export const EINTR: Errno<4> = 4
/** The device failed to read or write. */
export const EIO: Errno<5> = 5
/** No such device or address. */
export const ENXIO: Errno<6> = 6
/** The argument list is too long. */
export const E2BIG: Errno<7> = 7
/** The file is in no format that can be executed. */
export const ENOEXEC: Errno<8> = 8
/** Not an open file descriptor, or one that is not open for this. */
export const EBADF: Errno<9> = 9
/** There are no child processes to wait for. */
export const ECHILD: Errno<10> = 10
/** It would have to wait: try again. */
export const EAGAIN: Errno<11> = 11
/** Out of memory. */
export const ENOMEM: Errno<12> = 12
/** Permission denied: the mode bits or a security module refuse this access. */
export const EACCES: Errno<13> = 13
/** A pointer leads to memory that the program does not have. */
export const EFAULT: Errno<14> = 14
/** A block device is needed. */
export const ENOTBLK: Errno<15> = 15
/** The device or resource is in use. */
export const EBUSY: Errno<16> = 16
/** The file exists already. */
export const EEXIST: Errno<17> = 17
/** The two paths are on different file systems. */
export const EXDEV: Errno<18> = 18
/** No such device, or the device does not know this operation. */
export const ENODEV: Errno<19> = 19
/** A part of the path is not a directory. */
export const ENOTDIR: Errno<20> = 20
/** It is a directory. */
export const EISDIR: Errno<21> = 21
/** An argument is not valid. */
export const EINVAL: Errno<22> = 22
/** The system has too many open files. */
export const ENFILE: Errno<23> = 23
/** The process has too many open files. */
export const EMFILE: Errno<24> = 24
/** The file does not know this ioctl, or is not a terminal. */
export const ENOTTY: Errno<25> = 25
/** The program is being executed, or written. */
export const ETXTBSY: Errno<26> = 26
/** The file would become too large. */
export const EFBIG: Errno<27> = 27
/** No space is left on the device. */
export const ENOSPC: Errno<28> = 28
/** A pipe or socket has no position to seek to. */
export const ESPIPE: Errno<29> = 29
/** The file system is mounted read-only. */
export const EROFS: Errno<30> = 30
/** The file would have too many links. */
export const EMLINK: Errno<31> = 31
/** Nobody reads the other end of the pipe. */
export const EPIPE: Errno<32> = 32
/** An argument is outside of the function's domain. */
export const EDOM: Errno<33> = 33
/** The result does not fit. */
export const ERANGE: Errno<34> = 34
/** Waiting for this lock would never end. */
export const EDEADLK: Errno<35> = 35
/** The name is too long. */
export const ENAMETOOLONG: Errno<36> = 36
/** No locks are available. */
export const ENOLCK: Errno<37> = 37
/** The system call is not there. */
export const ENOSYS: Errno<38> = 38
/** The directory is not empty. */
export const ENOTEMPTY: Errno<39> = 39
/** Too many symbolic links on the way. */
export const ELOOP: Errno<40> = 40
/** The other name of EAGAIN. */
export const EWOULDBLOCK = EAGAIN
/** No message of the wanted type. */
export const ENOMSG: Errno<42> = 42
/** The identifier was removed. */
export const EIDRM: Errno<43> = 43
/** The channel number is out of range. */
export const ECHRNG: Errno<44> = 44
/** Level 2 is not synchronized. */
export const EL2NSYNC: Errno<45> = 45
/** Level 3 has halted. */
export const EL3HLT: Errno<46> = 46
/** Level 3 was reset. */
export const EL3RST: Errno<47> = 47
/** The link number is out of range. */
export const ELNRNG: Errno<48> = 48
/** The protocol driver is not attached. */
export const EUNATCH: Errno<49> = 49
/** No CSI structure is available. */
export const ENOCSI: Errno<50> = 50
/** Level 2 has halted. */
export const EL2HLT: Errno<51> = 51
/** The exchange is not valid. */
export const EBADE: Errno<52> = 52
/** The request descriptor is not valid. */
export const EBADR: Errno<53> = 53
/** The exchange is full. */
export const EXFULL: Errno<54> = 54
/** No anode. */
export const ENOANO: Errno<55> = 55
/** The request code is not valid. */
export const EBADRQC: Errno<56> = 56
/** The slot is not valid. */
export const EBADSLT: Errno<57> = 57
/** The other name of EDEADLK. */
export const EDEADLOCK = EDEADLK
/** The font file has a wrong format. */
export const EBFONT: Errno<59> = 59
/** The device is not a stream. */
export const ENOSTR: Errno<60> = 60
/** There is no such data: as an extended attribute that is not set. */
export const ENODATA: Errno<61> = 61
/** The timer has expired. */
export const ETIME: Errno<62> = 62
/** No stream resources are left. */
export const ENOSR: Errno<63> = 63
/** The machine is not on the network. */
export const ENONET: Errno<64> = 64
/** The package is not installed. */
export const ENOPKG: Errno<65> = 65
/** The object is on another machine. */
export const EREMOTE: Errno<66> = 66
/** The link was severed. */
export const ENOLINK: Errno<67> = 67
/** The resource is already advertised. */
export const EADV: Errno<68> = 68
/** A resource of this machine is still mounted elsewhere. */
export const ESRMNT: Errno<69> = 69
/** Sending failed. */
export const ECOMM: Errno<70> = 70
/** The protocol was not kept. */
export const EPROTO: Errno<71> = 71
/** More than one hop would be needed. */
export const EMULTIHOP: Errno<72> = 72
/** An error of the RFS protocol. */
export const EDOTDOT: Errno<73> = 73
/** The message is damaged, or is not of the expected kind. */
export const EBADMSG: Errno<74> = 74
/** The value is too large for its type. */
export const EOVERFLOW: Errno<75> = 75
/** The name is not unique on the network. */
export const ENOTUNIQ: Errno<76> = 76
/** The file descriptor is in a bad state. */
export const EBADFD: Errno<77> = 77
/** The remote address has changed. */
export const EREMCHG: Errno<78> = 78
/** A needed shared library cannot be accessed. */
export const ELIBACC: Errno<79> = 79
/** A shared library is damaged. */
export const ELIBBAD: Errno<80> = 80
/** The .lib section of a.out is damaged. */
export const ELIBSCN: Errno<81> = 81
/** Too many shared libraries. */
export const ELIBMAX: Errno<82> = 82
/** A shared library cannot be executed by itself. */
export const ELIBEXEC: Errno<83> = 83
/** The bytes are not a character. */
export const EILSEQ: Errno<84> = 84
/** The interrupted call should be made again. */
export const ERESTART: Errno<85> = 85
/** A stream pipe failed. */
export const ESTRPIPE: Errno<86> = 86
/** Too many users. */
export const EUSERS: Errno<87> = 87
/** Not a socket. */
export const ENOTSOCK: Errno<88> = 88
/** An address of the receiver is needed. */
export const EDESTADDRREQ: Errno<89> = 89
/** The message is too long. */
export const EMSGSIZE: Errno<90> = 90
/** The protocol does not fit the type of socket. */
export const EPROTOTYPE: Errno<91> = 91
/** The protocol does not know this option. */
export const ENOPROTOOPT: Errno<92> = 92
/** The protocol is not supported. */
export const EPROTONOSUPPORT: Errno<93> = 93
/** The type of socket is not supported. */
export const ESOCKTNOSUPPORT: Errno<94> = 94
/** The operation is not supported. */
export const EOPNOTSUPP: Errno<95> = 95
/** The protocol family is not supported. */
export const EPFNOSUPPORT: Errno<96> = 96
/** The address family is not supported. */
export const EAFNOSUPPORT: Errno<97> = 97
/** The address is in use. */
export const EADDRINUSE: Errno<98> = 98
/** The address is not one of this machine. */
export const EADDRNOTAVAIL: Errno<99> = 99
/** The network is down. */
export const ENETDOWN: Errno<100> = 100
/** The network cannot be reached. */
export const ENETUNREACH: Errno<101> = 101
/** The network dropped the connection by a reset. */
export const ENETRESET: Errno<102> = 102
/** The connection was aborted on this side. */
export const ECONNABORTED: Errno<103> = 103
/** The peer reset the connection. */
export const ECONNRESET: Errno<104> = 104
/** No buffer space is left. */
export const ENOBUFS: Errno<105> = 105
/** The socket is connected already. */
export const EISCONN: Errno<106> = 106
/** The socket is not connected. */
export const ENOTCONN: Errno<107> = 107
/** The socket was shut down and cannot send. */
export const ESHUTDOWN: Errno<108> = 108
/** Too many file descriptors are on their way in messages. */
export const ETOOMANYREFS: Errno<109> = 109
/** The time ran out. */
export const ETIMEDOUT: Errno<110> = 110
/** Nobody listens at the address. */
export const ECONNREFUSED: Errno<111> = 111
/** The host is down. */
export const EHOSTDOWN: Errno<112> = 112
/** There is no route to the host. */
export const EHOSTUNREACH: Errno<113> = 113
/** It is being done already. */
export const EALREADY: Errno<114> = 114
/** It is under way. */
export const EINPROGRESS: Errno<115> = 115
/** The file handle is stale. */
export const ESTALE: Errno<116> = 116
/** The file system needs to be cleaned. */
export const EUCLEAN: Errno<117> = 117
/** Not a XENIX named file. */
export const ENOTNAM: Errno<118> = 118
/** No XENIX semaphores are available. */
export const ENAVAIL: Errno<119> = 119
/** It is a named file. */
export const EISNAM: Errno<120> = 120
/** The remote device failed to read or write. */
export const EREMOTEIO: Errno<121> = 121
/** The quota of the user is used up. */
export const EDQUOT: Errno<122> = 122
/** No medium is in the drive. */
export const ENOMEDIUM: Errno<123> = 123
/** The medium is of the wrong type. */
export const EMEDIUMTYPE: Errno<124> = 124
/** The operation was cancelled. */
export const ECANCELED: Errno<125> = 125
/** The required key is not there. */
export const ENOKEY: Errno<126> = 126
/** The key has expired. */
export const EKEYEXPIRED: Errno<127> = 127
/** The key was revoked. */
export const EKEYREVOKED: Errno<128> = 128
/** The service rejected the key. */
export const EKEYREJECTED: Errno<129> = 129
/** The owner of the lock died. */
export const EOWNERDEAD: Errno<130> = 130
/** The state cannot be recovered. */
export const ENOTRECOVERABLE: Errno<131> = 131
/** A switch keeps the radio off. */
export const ERFKILL: Errno<132> = 132
/** The memory page has a hardware error. */
export const EHWPOISON: Errno<133> = 133

// linux/errno.h: never leave the kernel.
/** The call is made again after a signal, unless its handler is without SA_RESTART. */
export const ERESTARTSYS: Errno<512> = 512
/** The call is made again after every signal. */
export const ERESTARTNOINTR: Errno<513> = 513
/** The call is made again when no handler ran, and answers EINTR otherwise. */
export const ERESTARTNOHAND: Errno<514> = 514
/** No ioctl of this number: user space sees ENOTTY. */
export const ENOIOCTLCMD: Errno<515> = 515
/** The call goes on by restart_syscall(2). */
export const ERESTART_RESTARTBLOCK: Errno<516> = 516
/** The driver asks for its probe later. */
export const EPROBE_DEFER: Errno<517> = 517
/** The open found a stale entry, and is tried again. */
export const EOPENSTALE: Errno<518> = 518
/** The parameter is not one of these. */
export const ENOPARAM: Errno<519> = 519
/** The NFS file handle is not valid. */
export const EBADHANDLE: Errno<521> = 521
/** The update is out of date. */
export const ENOTSYNC: Errno<522> = 522
/** The cookie is stale. */
export const EBADCOOKIE: Errno<523> = 523
/** The operation is not supported. */
export const ENOTSUPP: Errno<524> = 524
/** The buffer or request is too small. */
export const ETOOSMALL: Errno<525> = 525
/** The server failed in a way that has no other number. */
export const ESERVERFAULT: Errno<526> = 526
/** The server does not know this type. */
export const EBADTYPE: Errno<527> = 527
/** The request has begun and takes long. */
export const EJUKEBOX: Errno<528> = 528
/** The request is queued and completes later. */
export const EIOCBQUEUED: Errno<529> = 529
/** The conflict with a delegation is being recalled. */
export const ERECALLCONFLICT: Errno<530> = 530
/** The grace period of the NFS server is over. */
export const ENOGRACE: Errno<531> = 531
