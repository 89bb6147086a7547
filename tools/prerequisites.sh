#!/bin/sh
# Checks what the machine must bring, and says what is missing and how to get it. Silent when all is there.
#   tools/prerequisites.sh node      only what installing and the unit tests need
#   tools/prerequisites.sh           that, and what a lake of real services needs
#   tools/prerequisites.sh engines   all that, and what Trino and Spark need
#   tools/prerequisites.sh model     only what checking the model of a protocol needs
#   tools/prerequisites.sh readers   only what other readers of Parquet, and an emulator of AWS, need
#   tools/prerequisites.sh kubernetes  only what a real API server of Kubernetes needs
#   tools/prerequisites.sh browser   only what looking at the report's page needs
# Shell built-ins only: it must work exactly where tools are missing.
missing=0

lack() {
  missing=1
  printf 'missing: %s\n' "$1" >&2
  shift
  for hint in "$@"; do printf '    %s\n' "$hint" >&2; done
}

have() {
  command -v "$1" >/dev/null 2>&1
}

check_node() {
  major=0
  if have node && have npm; then
    version=$(node --version)
    version=${version#v}
    major=${version%%.*}
  fi
  [ "$major" -ge 20 ] 2>/dev/null || lack 'Node.js 20 or later with npm (npm then brings the Node 24 that runs everything)' \
    'any system: nvm install 24   (https://github.com/nvm-sh/nvm)' \
    'macOS: brew install node'
}

check_java() {
  java=java
  jar=jar
  if [ -n "$JAVA_HOME" ]; then
    java=$JAVA_HOME/bin/java
    jar=$JAVA_HOME/bin/jar
  fi
  major=0
  if have "$java" && have "$jar"; then
    version=$("$java" -version 2>&1)
    version=${version#*version \"}
    major=${version%%[!0-9]*}
  fi
  # Hadoop and Hive use Subject.getSubject, which JDK 23 and later refuse.
  { [ "$major" -ge 17 ] && [ "$major" -le 22 ]; } 2>/dev/null || lack 'a JDK of version 17 to 22 (java and jar, in JAVA_HOME or the PATH)' \
    'Debian, Ubuntu: apt install openjdk-17-jdk-headless' \
    'elsewhere: sdk install java 17.0.15-tem   (https://sdkman.io)'
}

check_maven() {
  have mvn || lack 'Maven (mvn), which downloads the services of the lake' \
    'Debian, Ubuntu: apt install maven' \
    'elsewhere: sdk install maven   (https://sdkman.io)'
}

check_archivers() {
  { have tar && have xz; } || lack 'tar and xz, which unpack PostgreSQL' \
    'Debian, Ubuntu: apt install tar xz-utils'
}

check_python() {
  newer=
  have python3 && newer=$(python3 -c 'import pip, sys; print(sys.version_info >= (3, 11))' 2>/dev/null)
  [ "$newer" = True ] || lack 'Python 3.11 or later with pip (python3), which downloads and runs Spark and readers of Parquet' \
    'Debian, Ubuntu: apt install python3-pip' \
    'Fedora: dnf install python3-pip'
}

check_spin() {
  have spin || lack 'Spin, which checks models of protocols' \
    'Debian, Ubuntu: apt install spin' \
    'elsewhere: https://spinroot.com/spin/Man/README.html'
  have cc || lack 'a C compiler (cc), with which Spin builds its checkers' \
    'Debian, Ubuntu: apt install gcc libc6-dev'
}

check_browser() {
  have chromium || have chromium-browser || have google-chrome || lack 'Chromium, which shows the page of a report' \
    'Debian: apt install chromium fonts-dejavu-core' \
    'Fedora: dnf install chromium'
}

check_go() {
  minor=0
  if have go; then
    version=$(go env GOVERSION 2>/dev/null)
    version=${version#go1.}
    minor=${version%%[!0-9]*}
  fi
  [ "${minor:-0}" -ge 26 ] 2>/dev/null || lack 'Go 1.26 or later (go), which builds etcd, the API server of Kubernetes and parts of Knative' \
    'any system: https://go.dev/doc/install' \
    'Fedora: dnf install golang'
}

check_machine() {
  machine=$(uname -sm 2>/dev/null)
  case $machine in
    'Linux x86_64' | 'Linux aarch64' | '') ;;
    *) lack "Linux on x86_64 or aarch64; this is $machine" \
      'the lake runs in any Linux virtual machine or container; the unit tests (make unit) run here' ;;
  esac
}

if [ "$1" = model ]; then
  check_spin
  exit $missing
fi
check_node
if [ "$1" = kubernetes ]; then
  check_go
  exit $missing
fi
if [ "$1" = browser ]; then
  check_browser
  exit $missing
fi
if [ "$1" != node ] && [ "$1" != readers ]; then
  check_machine
  check_java
  check_maven
  check_archivers
fi
if [ "$1" = engines ] || [ "$1" = readers ]; then
  check_python
fi
exit $missing
