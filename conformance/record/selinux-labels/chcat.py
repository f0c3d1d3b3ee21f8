"""chcat(8) itself, on levels of files and ranges of logins that are made here. What it would run is taken, not run."""
import contextlib
import importlib.machinery
import importlib.util
import io
import subprocess
import sys
import types

state = {}


def fake(name, **members):
    module = types.ModuleType(name)
    for key, value in members.items():
        setattr(module, key, value)
    sys.modules[name] = module


class Logins:
    @staticmethod
    def get_all():
        return {"bob": ("user_u", state["range"], "")}


def load():
    """The script as a module, on a machine without SELinux."""
    fake("selinux", getfilecon=lambda path: (0, f"u:r:t:{state['range']}"),
         selinux_trans_to_raw_context=lambda context: (0, context))
    fake("seobject", loginRecords=Logins)
    loader = importlib.machinery.SourceFileLoader("chcat", "/usr/bin/chcat")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("chcat", loader))
    loader.exec_module(module)
    module.verify_users = lambda users: None
    return module


def take(command, **_):
    """chcon -l LEVEL FILE, or semanage login -m -r RANGE -s USER LOGIN."""
    state["range"] = command[command.index("-l" if command[0] == "chcon" else "-r") + 1]


def answer(chcat, is_login, before, text):
    """As the script goes through its arguments; None where it stops with an error."""
    state["range"] = before
    saved, subprocess.check_call = subprocess.check_call, take
    try:
        cats = text.split(",")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            if chcat.check_replace(cats):
                chcat.chcat_replace(chcat.translate(cats), ["bob"], is_login)
            else:
                for cat in cats:
                    change = chcat.chcat_add if cat[0] == "+" else chcat.chcat_remove
                    change(cat[1:], chcat.translate([cat[1:]]), ["bob"], is_login)
        return None if "sensitivity" in said.getvalue() else state["range"]
    except (ValueError, IndexError):
        return None
    finally:
        subprocess.check_call = saved


def categories(rand):
    parts = []
    for _ in range(rand.randint(1, 3)):
        low = rand.randint(0, 12)
        parts.append(f"c{low}" if rand.random() < 0.7 else f"c{low}.c{low + rand.randint(1, 4)}")
    return ",".join(dict.fromkeys(parts))


def level(rand):
    sens = f"s{rand.choice([0, 0, 0, 0, 1, 15])}"
    return sens if rand.random() < 0.3 else f"{sens}:{categories(rand)}"


def change(rand):
    if rand.random() < 0.6:
        return ",".join(rand.choice("+-") + f"c{rand.randint(0, 12)}" for _ in range(rand.randint(1, 3)))
    if rand.random() < 0.3:
        return f"s{rand.randint(0, 3)}"
    return ",".join(f"c{rand.randint(0, 12)}" for _ in range(rand.randint(1, 3)))


def record(rand, _folder):
    """Questions about levels and ranges, and chcat's answers."""
    chcat = load()
    asked = []
    for _ in range(30):
        is_login = rand.random() < 0.5
        before = f"s0-{level(rand)}" if is_login and rand.random() < 0.8 else "s0" if is_login else level(rand)
        asked.append(("login" if is_login else "file", before, change(rand)))
    return {"asked": asked, "answers": [answer(chcat, int(kind == "login"), before, text) for kind, before, text in asked]}
