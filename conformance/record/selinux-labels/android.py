"""Android's backends of libselinux, property_contexts and service_contexts, built from its sources.

`LIBSELINUX` is a folder with Debian's source package (`apt-get source libselinux`), whose packages leave these backends
out. Needs gcc, libpcre2-dev and libsepol-dev.
"""
import glob
import os
import subprocess

PROGRAM = r"""
#include <selinux/label.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int count, char **words) {
    struct selinux_opt options[] = {{ SELABEL_OPT_PATH, words[2] }};
    struct selabel_handle *handle = selabel_open(atoi(words[1]), options, 1);
    char line[4096];
    if (!handle) { puts("refused"); return 0; }
    while (fgets(line, sizeof line, stdin)) {
        char *context = 0;
        line[strcspn(line, "\n")] = 0;
        puts(selabel_lookup_raw(handle, &context, line, 0) == 0 ? context : "!");
    }
    return 0;
}
"""
FLAGS = ["-w", "-O1", "-D_GNU_SOURCE", "-DUSE_PCRE2", "-DPCRE2_CODE_UNIT_WIDTH=8", "-DNO_X_BACKEND", "-DNO_DB_BACKEND",
         "-DNO_MEDIA_BACKEND", "-DHAVE_STRLCPY", "-DHAVE_REALLOCARRAY", "-DGETTID_IS_DEFINED"]
BACKENDS = {"property": "4", "service": "5"}


def build(folder):
    """The program that asks."""
    program = f"{folder}/ask-android"
    if os.path.exists(program):
        return program
    source = os.environ["LIBSELINUX"]
    with open(f"{folder}/ask-android.c", "w", encoding="utf8") as out:
        out.write(PROGRAM)
    left_out = ("selinuxswig", "audit2why", "label_x", "label_db", "label_media")
    files = [name for name in glob.glob(f"{source}/src/*.c") if not os.path.basename(name).startswith(left_out)]
    subprocess.run(["gcc", *FLAGS, f"-I{source}/include", f"-I{source}/src", "-o", program, f"{folder}/ask-android.c", *files,
                    "-lpcre2-8", "-lsepol"], check=True)
    return program


def record(rand, folder):
    """A file of one of the backends, names, and the contexts that they have."""
    program = build(folder)
    kind = rand.choice(list(BACKENDS))
    parts = ["ro", "ro.", "ro.boot", "ro.boot.", "sys", "sys.usb.", "vendor.", "a", "ab", "abc", "persist.x", "ro.b", "power"]
    names = rand.sample(parts, rand.randint(1, 9)) + (["*"] if rand.random() < 0.5 else [])
    rand.shuffle(names)
    text = "".join(f"{name}{rand.choice([' ', chr(9)])}u:object_r:t{n}:s0\n" for n, name in enumerate(names))
    if rand.random() < 0.1:
        text += f"{names[0]} u:object_r:again:s0\n"
    if rand.random() < 0.3:
        text = "# comment\n\n" + text
    with open(f"{folder}/contexts", "w", encoding="utf8") as out:
        out.write(text)
    asked = [rand.choice(parts) + rand.choice(["", "x", ".y", "mode"]) for _ in range(30)]
    answers = subprocess.run([program, BACKENDS[kind], f"{folder}/contexts"], input="\n".join(asked) + "\n", text=True,
                             capture_output=True, check=True).stdout.splitlines()
    return {"backend": kind, "contexts": text, "asked": asked, "answers": answers}
