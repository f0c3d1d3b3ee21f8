# Sends datagrams in each way to a socket of its own, and prints what arrived and the descriptors that came with it.
import array, ctypes, os, socket, sys

folder, refused = sys.argv[1], sys.argv[2]
path = os.path.join(folder, 'datagrams')
taker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
taker.bind(path)
taker.settimeout(5)
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
os.chdir(folder)
sender.sendto(b'sendto', path)
sender.sendto(b'relative', 'datagrams')
sender.sendmsg([b'send', b'msg'], [], 0, path)
with open('/dev/null') as passed:
    fds = array.array('i', [passed.fileno()])
    sender.sendmsg([b'rights'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)], 0, path)
sender.connect(path)
sender.send(b'connected')
sender.sendmsg([b'x' * 70000])
for _ in range(6):
    data, control, _, _ = taker.recvmsg(100000, 256)
    opened = [os.readlink(f'/proc/self/fd/{fd}') for _, _, some in control for fd in array.array('i', some)]
    print(len(data), data[:12].decode(), *opened)

class Vector(ctypes.Structure):
    _fields_ = [('base', ctypes.c_char_p), ('length', ctypes.c_size_t)]
class Header(ctypes.Structure):
    _fields_ = [('name', ctypes.c_char_p), ('size', ctypes.c_uint), ('vector', ctypes.POINTER(Vector)),
                ('parts', ctypes.c_size_t), ('control', ctypes.c_void_p), ('room', ctypes.c_size_t),
                ('flags', ctypes.c_long), ('sent', ctypes.c_uint)]
libc = ctypes.CDLL(None, use_errno=True)

def several(fd, names, text):
    headers = (Header * len(names))()
    for header, name in zip(headers, names):
        header.name, header.size = name, len(name) if name else 0
        header.vector, header.parts = ctypes.pointer(Vector(text, len(text))), 1
    rc = libc.sendmmsg(fd, headers, len(names), 0)
    return rc, ctypes.get_errno() if rc < 0 else 0, [header.sent for header in headers]

family = (1).to_bytes(2, 'little')
own, other = family + path.encode() + b'\0', family + refused.encode() + b'\0'
two = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
print(*several(two.fileno(), [own, own], b'several'))
print(*several(two.fileno(), [own, other], b'several'))
print(*several(two.fileno(), [other, own], b'several'))
