# The guests of this console: the shell, and programs in /srv/tour. Edit it, ask it, load it.
@{HOME} = /home/*
@{PROC} = /proc
@{sys} = /sys
@{run} = /run
@{pid} = [1-9]*
@{uid} = [0-9]*

profile guest /{usr/bin/sh,srv/tour/*} {
  # programs go on under this profile, and the web server under its own
  /usr/bin/* mrix,
  /srv/tour/* mrix,
  /usr/bin/httpd mrcx -> server,

  # all may be read but secrets; notes at home and in /tmp may be written
  /{,**} r,
  audit deny /etc/shadow rwlk,
  owner @{HOME}/** rwk,
  owner /tmp/** rwk,
  /dev/** rw,
  owner @{PROC}/@{pid}/** rw,

  # root passes mode bits, and no more than that
  capability dac_override,
  capability dac_read_search,
  network inet stream,
  network unix,
  signal peer=guest,
  signal peer=guest//*,
  signal receive peer=unconfined,

  # `..` in a path leads the server out of its folder; this profile keeps it there
  profile server {
    /usr/bin/httpd mr,
    @{HOME}/** r,
    /dev/** rw,
    network inet stream,
    signal receive peer=guest,
    signal receive peer=unconfined,
  }
}
