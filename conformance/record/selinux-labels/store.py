"""A policy store of its own: homes, accounts and local changes at random, and what semodule builds of them."""
import base64
import gzip
import os
import shutil
import subprocess

TYPES = ["a_t", "b_t", "c_t", "home_t", "home_root_t", "ssh_t", "run_t", "port_t", "node_t", "netif_t"]
ROLES = ["staff_r", "user_r", "web_r"]
USERS = {"staff_u": ("staff_r web_r", "s0", "s0 - s1:c0.c7"), "user_u": ("user_r", "s0", "s0"),
         "web_u": ("web_r", "s0:c1", "s0:c1 - s1:c1.c3"), "system_u": ("staff_r", "s0", "s0 - s1:c0.c7")}


def level(text):
    """A level or range of CIL from `s0:c0.c7` or `LOW - HIGH`."""
    sens, _, cats = text.partition(":")
    parts = [f"(range {' '.join(c.split('.'))})" if "." in c else c for c in cats.split(",") if c]
    return f"({sens} ({' '.join(parts)}))" if parts else f"({sens})"


def base_policy(rand):
    """CIL of a policy with templates for homes."""
    cats = [f"c{i}" for i in range(8)]
    out = ["(mls true) (handleunknown deny) (policycap open_perms)",
           "(class file (read write open)) (class process (transition)) (classorder (file process))",
           "(sensitivity s0) (sensitivity s1) (sensitivityorder (s0 s1))",
           " ".join(f"(category {c})" for c in cats), f"(categoryorder ({' '.join(cats)}))",
           "(sensitivitycategory s0 (range c0 c7)) (sensitivitycategory s1 (range c0 c7))",
           "(role object_r) " + " ".join(f"(role {r})" for r in ROLES),
           " ".join(f"(type {t}) (roletype object_r {t})" for t in TYPES),
           " ".join(f"(roletype {r} {t})" for r in ROLES for t in ["a_t", "b_t"])]
    for user, (roles, low, span) in USERS.items():
        first, _, last = span.partition(" - ")
        out.append(f"(user {user}) (userlevel {user} {level(low)}) "
                   f"(userrange {user} ({level(first)} {level(last or first)})) (userrole {user} object_r) " +
                   " ".join(f"(userrole {user} {r})" for r in roles.split()))
        if rand.random() < 0.7:
            out.append(f"(userprefix {user} {rand.choice(['staff', 'web_r', 'user', 'object_r', 'staff_r'])})")
    out.append("(sid kernel) (sidorder (kernel)) (sidcontext kernel (system_u staff_r a_t ((s0) (s0))))")
    out.append("(boolean one true) (boolean two false) (boolean three false) (allow a_t b_t (file (read)))")
    out.append("(booleanif (and one (not two)) (true (allow a_t c_t (file (read)))) (false (allow b_t c_t (file (open)))))")
    out.append("(booleanif (xor two three) (true (allow a_t c_t (file (write)))))")
    ctx = "(system_u object_r %s ((s0) (s0)))"
    out.append(f"(portcon tcp 80 {ctx % 'port_t'}) (portcon tcp (1 1023) {ctx % 'a_t'}) (portcon udp 53 {ctx % 'b_t'})")
    out.append(f"(nodecon (10.0.0.0) (255.0.0.0) {ctx % 'node_t'}) (netifcon eth0 {ctx % 'netif_t'} {ctx % 'a_t'})")
    out.append(f"(selinuxuserdefault {rand.choice(['user_u', 'staff_u'])} ((s0) (s0)))")
    files = [("HOME_ROOT", "dir", "home_root_t"), ("HOME_ROOT/\\.journal", "any", None), ("HOME_DIR", "dir", "home_t"),
             ("HOME_DIR/.+", "any", "home_t"), ("HOME_DIR/\\.ssh(/.*)?", "any", "ssh_t"), ("/run/user/%{USERID}", "dir", "run_t"),
             ("/tmp/x-%{USERNAME}", "file", "c_t"), ("/var/mail/USER", "file", "b_t"), ("/srv(/.*)?", "any", "a_t"),
             ("/data/homes(/.*)?", "any", "b_t"), ("/.*", "any", "a_t")]
    for path, kind, of in files:
        if of in ("run_t", "c_t", "home_root_t") and rand.random() < 0.3:
            continue
        out.append(f'(filecon "{path}" {kind} {ctx % of if of else "()"})')
    return "\n".join(out) + "\n"


def accounts(rand):
    """passwd and group."""
    shells = ["/bin/bash", "/bin/sh", "/sbin/nologin", "/opt/none"]
    homes = ["/home/%s", "/home/%s/", "/srv/homes/%s", "/data/homes/%s", "/export/x/%s", "/", "/root", "/home/d/%s", "/%s"]
    names = ["ann", "bob", "cat", "dan", "eve"]
    lines = ["root:x:0:0:root:/root:/bin/bash"]
    for n, name in enumerate(names):
        home = rand.choice(homes)
        uid = rand.choice([1000 + n, 500 + n, 61000 + n, 1100 + n])
        lines.append(f"{name}:x:{uid}:{rand.choice([100, 200])}:x:{home % name if '%' in home else home}:{rand.choice(shells)}")
    groups = [f"{name}:x:{gid}:{','.join(rand.sample(names, rand.randint(0, 3)))}" for name, gid in [("red", 300), ("blue", 400)]]
    return "\n".join(lines) + "\n", "\n".join(groups) + "\n"


def span(rand):
    """A range within that of staff_u."""
    low = rand.choice(["s0", "s0:c1", "s0:c1,c2"])
    return rand.choice([low, f"{low}-s1:c0.c7", f"{low}-s1:c0.c3,c5"])


def local_files(rand):
    """Local files of a store; none of them has anything that semodule refuses."""
    def context(): return f"system_u:object_r:{rand.choice(TYPES)}:{rand.choice(['s0', 's0-s1:c0.c3', 's1:c1,c2,c5'])}"
    files = {}
    if rand.random() < 0.7:
        files["booleans.local"] = "".join(f"{n}={rand.choice([0, 1])}\n" for n in rand.sample(["one", "two", "three"], 2))
    if rand.random() < 0.7:
        starts = rand.sample(range(1, 60), rand.randint(1, 5))
        files["ports.local"] = "".join(
            f"portcon {rand.choice(['tcp', 'udp', 'sctp', 'dccp'])} "
            f"{rand.choice([str(s * 1000), f'{s * 1000} - {s * 1000 + 99}'])} {context()}\n" for s in starts)
    if rand.random() < 0.6:
        nodes = ["ipv4 10.1.0.0 255.255.0.0", "ipv4 10.2.0.0 255.255.0.0", "ipv4 9.3.0.0 255.255.0.0", "ipv6 fec0:: ffff::",
                 "ipv6 ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ipv4 10.0.0.0 255.0.0.0", "ipv6 fe80:: ffff::", "ipv4 192.168.1.1 255.255.255.255"]
        files["nodes.local"] = "".join(f"nodecon {n} {context()}\n" for n in rand.sample(nodes, rand.randint(1, 6)))
    if rand.random() < 0.6:
        files["interfaces.local"] = "".join(
            f"netifcon {n} {context()} {context()}\n" for n in rand.sample(["eth0", "eth1", "lo"], rand.randint(1, 3)))
    if rand.random() < 0.6:
        files["users.local"] = "".join(
            f"user {n} roles {{ {' '.join(rand.sample(ROLES, 2))} }} level s0 range s0-s1:c0.c7;\n"
            for n in rand.sample(["user_u", "new_u", "web_u"], rand.randint(1, 2)))
    logins = rand.sample(["ann", "bob", "cat", "dan", "%red", "%blue", "nobody-there"], rand.randint(0, 4))
    if {"%red", "%blue"} <= set(logins):
        logins.remove("%blue")
    seusers = ["staff_u", "new_u"] if "new_u" in files.get("users.local", "") else ["staff_u"]
    files["seusers.local"] = "".join(f"{n}:{rand.choice(seusers)}:{span(rand)}\n" for n in logins)
    if rand.random() < 0.5:
        files["users_extra.local"] = "".join(
            f"user {n} prefix {rand.choice(['user_r', 'web_r', 'other'])};\n" for n in ["new_u", "staff_u"])
    return files


def build(folder, base, local, passwd, group):
    """What semodule makes of it: a policy and the labels of homes; None where it refuses."""
    shutil.rmtree(folder, ignore_errors=True)
    active = f"{folder}/var/lib/selinux/t/active"
    os.makedirs(active)
    os.makedirs(f"{folder}/etc/selinux/t/contexts/files")
    with open(f"{folder}/etc/selinux/semanage.conf", "w", encoding="utf8") as conf:
        conf.write("module-store = direct\nexpand-check=0\n")
    for name, text in {"base.cil": base, "passwd": passwd, "group": group}.items():
        with open(f"{folder}/{name}", "w", encoding="utf8") as out:
            out.write(text)
    env = os.environ | {"LD_PRELOAD": "libnss_wrapper.so", "NSS_WRAPPER_PASSWD": f"{folder}/passwd",
                        "NSS_WRAPPER_GROUP": f"{folder}/group"}
    run = ["semodule", "-p", folder, "-s", "t", "-n"]
    subprocess.run([*run, "-i", f"{folder}/base.cil"], capture_output=True, env=env, check=False)
    for name, text in local.items():
        with open(f"{active}/{name}", "w", encoding="utf8") as out:
            out.write(text)
    done = subprocess.run([*run, "-B"], capture_output=True, text=True, env=env, check=False)
    if "Failed" in done.stderr:
        return None

    def read(name):
        with open(f"{active}/{name}", "rb") as file:
            return file.read()
    homedirs = f"{folder}/etc/selinux/t/contexts/files/file_contexts.homedirs"
    with open(homedirs, encoding="utf8") as text:
        homes = [line for line in text.read().split("\n") if line and not line.startswith("#")]
    return {"linked": pack(read("policy.linked")), "policy": read("policy.kern"), "homes": homes,
            "fileContexts": read("file_contexts").decode(), "template": read("homedir_template").decode(),
            "seusers": read("seusers").decode(), "usersExtra": read("users_extra").decode()}


def pack(data):
    """Bytes as text."""
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()
