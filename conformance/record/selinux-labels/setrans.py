"""mcstransd with a configuration of ours: names of levels both ways. A library in front of it says that SELinux is on."""
import os
import socket
import struct
import subprocess
import time

STUB = """
#include <stdlib.h>
#include <string.h>
int is_selinux_mls_enabled(void) { return 1; }
const char *selinux_translations_path(void) { return getenv("SETRANS_CONF"); }
"""
SOCKET = "/run/setrans/.setrans-unix"
RAW_TO_TRANS, TRANS_TO_RAW = 2, 3


def ask(function, context):
    """One question of libselinux's protocol."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(SOCKET)
        data = context.encode() + b"\0"
        client.sendall(struct.pack("III", function, len(data), 1) + data + b"\0")
        answer = client.makefile("rb")
        _, length, code = struct.unpack("IIi", answer.read(12))
        text = answer.read(length).rstrip(b"\0").decode()
        return text if code == 0 else None


class Daemon:
    """mcstransd, for as long as a `with` lasts."""

    def __init__(self, folder, conf):
        self.folder = folder
        with open(f"{folder}/stub.c", "w", encoding="utf8") as source:
            source.write(STUB)
        if not os.path.exists(f"{folder}/stub.so"):
            subprocess.run(["gcc", "-shared", "-fPIC", "-o", f"{folder}/stub.so", f"{folder}/stub.c"], check=True)
        with open(f"{folder}/setrans.conf", "w", encoding="utf8") as out:
            out.write(conf)
        self.process = None

    def __enter__(self):
        os.makedirs("/run/setrans", exist_ok=True)
        if os.path.exists(SOCKET):
            os.unlink(SOCKET)
        env = os.environ | {"LD_PRELOAD": f"{self.folder}/stub.so", "SETRANS_CONF": f"{self.folder}/setrans.conf"}
        self.process = subprocess.Popen(["mcstransd", "-f"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            if os.path.exists(SOCKET) or self.process.poll() is not None:
                break
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def categories(rand, inverse=False):
    """`c0.c3,c7`."""
    parts = []
    for _ in range(rand.randint(1, 3)):
        low = rand.randint(0, 12)
        sign = "~" if inverse and rand.random() < 0.3 else ""
        parts.append(f"{sign}c{low}" if rand.random() < 0.6 else f"{sign}c{low}.c{low + rand.randint(1, 4)}")
    return ",".join(parts)


def configuration(rand):
    """A configuration with names, base levels, groups of words and constraints."""
    words = ["Red", "Green", "Blue", "Top Hat", "A", "B", "C2", "Alpha Beta", "Rel", "NATO", "X/Y"]
    out = ["# names", "s0=Low", "s0-s0:c0.c15=Low-High", "s0:c0.c15=High", "s1:c3 = Three # a comment"]
    if rand.random() < 0.3:
        out += [f"s{rand.randint(1, 3)}!{categories(rand)}", f"c{rand.randint(0, 9)}{rand.choice('!>')}{categories(rand)}"]
    if rand.random() < 0.9:
        out.append("Base=levels")
        # of a base level with categories mcstransd answers a question in two ways, depending on those before it
        out += [f"s{n}={name}"
                for n, name in enumerate(["Plain", "Secret", "Very Secret", "secret", "Top"], 1)]
        out += ["s1=P", "s1=P L"][:rand.randint(0, 2)]
    for group in range(rand.randint(0, 3)):
        out.append(f"ModifierGroup=group{group}")
        if rand.random() < 0.4:
            out.append(f"Whitespace={rand.choice([',', ', /', '/'])}")
        if rand.random() < 0.4:
            out.append(f"Join={rand.choice(['/', ',', ', '])}")
        if rand.random() < 0.3:
            out.append(f"Default={categories(rand)}")
        if rand.random() < 0.3:
            out += [f"Prefix={rand.choice(['REL TO', 'For'])}", "Prefix=to"][:rand.randint(1, 2)]
        if rand.random() < 0.2:
            out.append(f"Suffix={rand.choice(['ONLY', 'EYES ONLY'])}")
        out += [f"{categories(rand, True)}={word}" for word in rand.sample(words, rand.randint(1, 5))]
    return "\n".join(out) + "\n"


def questions(rand, conf):
    """Contexts to translate, and names to translate back."""
    names = [line.split("=")[1].split("#")[0].strip() for line in conf.split("\n") if "=" in line]
    levels = [f"s{rand.randint(0, 5)}{rand.choice(['', ':' + categories(rand)])}" for _ in range(12)]
    asked = [["raw", level] for level in levels]
    asked += [["raw", f"{rand.choice(levels)}-{rand.choice(levels)}"] for _ in range(5)]
    for _ in range(14):
        text = rand.choice([" ", "/", ", ", "  "]).join(rand.choice(names) for _ in range(rand.randint(1, 3)))
        asked.append(["trans", rand.choice([text, text.lower(), f"{text}-{rand.choice(names)}"])])
    rand.shuffle(asked)
    return asked


def record(rand, folder):
    """A configuration, questions in their order, the answers: those of translated levels are asked back."""
    conf = configuration(rand)
    with Daemon(folder, conf) as daemon:
        if daemon.process.poll() is not None:
            return None
        asked = questions(rand, conf)
        answers = []
        for kind, text in list(asked):
            answer = ask(RAW_TO_TRANS if kind == "raw" else TRANS_TO_RAW, f"u:r:t:{text}")
            answers.append(answer)
            if kind == "raw" and answer is not None and answer != f"u:r:t:{text}":
                asked.append(["trans", answer[6:]])
        for kind, text in asked[len(answers):]:
            answers.append(ask(TRANS_TO_RAW, f"u:r:t:{text}"))
    return {"conf": conf, "asked": asked, "answers": answers}
