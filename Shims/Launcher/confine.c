// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the system calls of this processor are not listed"
#endif

// What a program needs that reads files, computes and prints. Calls that only x86-64 has are old
// names of those beside them.
static const int allowed[] = {
    // Descriptors that are open already.
    SYS_read, SYS_readv, SYS_pread64, SYS_write, SYS_writev, SYS_lseek, SYS_close, SYS_fcntl,
    // To look at files; opening them is below.
    SYS_fstat, SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_readlinkat,
    SYS_getcwd, SYS_getdents64,
#ifdef SYS_stat
    SYS_stat, SYS_lstat, SYS_access, SYS_readlink,
#endif
    // Memory.
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise,
    // Time, locks and chance.
    SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_futex,
    SYS_sched_yield, SYS_getrandom,
    // Itself.
    SYS_getpid, SYS_gettid, SYS_sched_getaffinity, SYS_rt_sigaction, SYS_rt_sigprocmask,
    SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall, SYS_exit, SYS_exit_group};
enum { ALLOWED_COUNT = sizeof allowed / sizeof *allowed };

// Flags of open that do more than read.
enum { CHANGES_FILES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC };

// A filter under construction; `count` never passes the size, which the list above decides.
typedef struct {
  struct sock_filter steps[2 * ALLOWED_COUNT + 64];
  unsigned short count;
} filter;

static void put(filter *f, unsigned short code, unsigned value, unsigned char if_true,
                unsigned char if_false) {
  f->steps[f->count++] = (struct sock_filter){code, if_true, if_false, value};
}

static void load(filter *f, size_t offset) {
  put(f, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

static void decide(filter *f, unsigned action) { put(f, BPF_RET | BPF_K, action, 0, 0); }

// The low and high half of an argument: both processors are little-endian.
static size_t low(int argument) {
  return offsetof(struct seccomp_data, args) + 8 * (size_t)argument;
}
static size_t high(int argument) { return low(argument) + 4; }

static const unsigned refuse = SECCOMP_RET_ERRNO | EPERM;

// Allows `call` where an argument has none of these bits. As always with `load`, the number of the
// call is lost, so every branch decides.
static void allow_without_bits(filter *f, int call, int argument, unsigned bits) {
  put(f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
  load(f, low(argument));
  put(f, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
  decide(f, refuse);
  decide(f, SECCOMP_RET_ALLOW);
}

// Allows tgkill on this process alone: `abort` is made of it.
static void allow_own_signals(filter *f) {
  put(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 4);
  load(f, low(0));
  put(f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)getpid(), 0, 1);
  decide(f, SECCOMP_RET_ALLOW);
  decide(f, refuse);
}

// Allows to ask for one's own limits, but not to set any: no process named, no new limit given.
static void allow_own_limits(filter *f) {
  put(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 8);
  load(f, low(0));
  put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 5);
  load(f, low(2));
  put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3);
  load(f, high(2));
  put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
  decide(f, SECCOMP_RET_ALLOW);
  decide(f, refuse);
}

int launcher_confine(void) {
  filter f = {.count = 0};
  // Another architecture's numbers mean other calls.
  load(&f, offsetof(struct seccomp_data, arch));
  put(&f, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  decide(&f, SECCOMP_RET_KILL_PROCESS);
  load(&f, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < ALLOWED_COUNT; i++) {
    put(&f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i], 0, 1);
    decide(&f, SECCOMP_RET_ALLOW);
  }
  allow_without_bits(&f, SYS_openat, 2, CHANGES_FILES);
#ifdef SYS_open
  allow_without_bits(&f, SYS_open, 1, CHANGES_FILES);
#endif
  allow_own_signals(&f);
  allow_own_limits(&f);
  decide(&f, refuse);

  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  struct sock_fprog program = {f.count, f.steps};
  // All threads there are, and all that will be.
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  // With this flag a positive result is the thread that could not follow.
  return result == 0 ? 0 : result > 0 ? EAGAIN : errno;
}

bool launcher_can_confine(void) {
  unsigned action = SECCOMP_RET_ERRNO;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int launcher_landlock_version(void) {
  long version =
      syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 1 ? 0 : (int)version;
}
