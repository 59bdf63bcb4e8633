// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// The child's descriptor for news of its start; closed by a successful exec.
enum { NEWS = 3 };

// What the child says before exec, and again if a step failed.
typedef struct {
  int system_error;
  bool writes_forbidden;
} news;

// ---- The child: only async-signal-safe calls.

static void fail(news said) {
  said.system_error = errno;
  ssize_t ignored = write(NEWS, &said, sizeof said);
  (void)ignored;
  _exit(127);
}

static bool set_limit(int resource, uint64_t value) {
  struct rlimit limit = {value, value};
  return setrlimit(resource, &limit) == 0;
}

// Handles every right to change files and to use TCP, and grants none. Old kernels know fewer
// rights (their count is the ABI), so newer ones are masked; none at all is no error.
static bool forbid_writes(void) {
  int abi = launcher_landlock_version();
  if (abi < 1) return false;
  struct {
    uint64_t files;
    uint64_t network;
  } rights = {0, 0};
  rights.files = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  // Newer than Debian 12's header: linux/landlock.h of Linux 5.19, 6.2 and 6.7.
  if (abi >= 2) rights.files |= 1u << 13;  // LANDLOCK_ACCESS_FS_REFER
  if (abi >= 3) rights.files |= 1u << 14;  // LANDLOCK_ACCESS_FS_TRUNCATE
  if (abi >= 4) rights.network = 3;        // LANDLOCK_ACCESS_NET_BIND_TCP | _CONNECT_TCP
  size_t size = abi >= 4 ? sizeof rights : sizeof rights.files;
  long rules = syscall(SYS_landlock_create_ruleset, &rights, size, 0);
  if (rules < 0) return false;
  bool applied = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  close((int)rules);
  return applied;
}

static void run_child(const launcher_request *request, char **environment, const int ends[4],
                      pid_t parent) {
  news said = {0, false};
  sigset_t none;
  sigemptyset(&none);
  // The news come first: dup2 onto 0...3 must not overwrite an end that is still needed, so all
  // ends are moved above them before.
  int moved[4];
  for (int i = 0; i < 4; i++) {
    moved[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, 16);
    if (moved[i] < 0) _exit(127);
  }
  if (dup3(moved[3], NEWS, O_CLOEXEC) < 0) _exit(127);
  for (int i = 0; i < 3; i++)
    if (dup2(moved[i], i) < 0) fail(said);
  if (syscall(SYS_close_range, NEWS + 1, ~0u, 0) != 0) fail(said);

  if (setpgid(0, 0) != 0) fail(said);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail(said);
  if (getppid() != parent) _exit(127);  // it ended before the signal was asked for
  signal(SIGPIPE, SIG_DFL);
  if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) fail(said);
  if (!set_limit(RLIMIT_CORE, 0) || !set_limit(RLIMIT_CPU, request->cpu_seconds) ||
      !set_limit(RLIMIT_AS, request->memory_bytes) ||
      !set_limit(RLIMIT_FSIZE, request->file_bytes))
    fail(said);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(said);
  if (request->forbid_writes) said.writes_forbidden = forbid_writes();
  if (write(NEWS, &said, sizeof said) != sizeof said) fail(said);
  execve(request->arguments[0], request->arguments, environment);
  fail(said);
}

// ---- The parent.

typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} buffer;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void close_end(int *end) {
  if (*end >= 0) close(*end);
  *end = -1;
}

// Reads what is there. Returns false when `limit` would be passed and `keep_reading` is not set.
static bool take(int *end, buffer *into, size_t limit, bool keep_reading) {
  uint8_t chunk[1 << 16];
  ssize_t got = read(*end, chunk, sizeof chunk);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) {
    close_end(end);
    return true;
  }
  size_t room = limit - into->count;
  size_t kept = (size_t)got < room ? (size_t)got : room;
  if (into->count + kept > into->capacity) {
    size_t capacity = into->capacity * 2 + sizeof chunk;
    uint8_t *bytes = realloc(into->bytes, capacity);
    if (!bytes) return false;
    into->bytes = bytes;
    into->capacity = capacity;
  }
  memcpy(into->bytes + into->count, chunk, kept);
  into->count += kept;
  return keep_reading || kept == (size_t)got;
}

// A socket and not a pipe, because send can be told to raise no SIGPIPE in the caller.
static void give(int *end, const launcher_request *request, size_t *sent) {
  size_t left = request->input_count - *sent;
  ssize_t put = left ? send(*end, request->input + *sent, left, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
  if (put < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (put > 0) *sent += (size_t)put;
  if (put < 0 || *sent == request->input_count) close_end(end);
}

// Moves bytes until the program has ended; returns how the run ended as far as is known here.
static launcher_outcome attend(const launcher_request *request, int ends[3], pid_t child,
                               int process, buffer *output, buffer *messages) {
  uint64_t deadline = now() + request->wall_nanoseconds;
  size_t sent = 0;
  bool ended = false;
  while (true) {
    uint64_t time = now();
    if (time >= deadline) return ended ? LAUNCHER_EXITED : LAUNCHER_TIMED_OUT;
    struct pollfd watched[4] = {{ends[0], POLLOUT, 0}, {ends[1], POLLIN, 0},
                                {ends[2], POLLIN, 0}, {ended ? -1 : process, POLLIN, 0}};
    // After its end only what is in the pipes counts: a descendant may hold them open.
    uint64_t left = ended ? 0 : (deadline - time) / 1000000u + 1;
    int ready = poll(watched, 4, left > 1000000 ? 1000000 : (int)left);
    if (ready < 0 && errno != EINTR) return LAUNCHER_TIMED_OUT;
    if (ended && ready <= 0) return LAUNCHER_EXITED;
    if (ready <= 0) continue;
    if (watched[0].revents) give(&ends[0], request, &sent);
    if (watched[1].revents && !take(&ends[1], output, request->output_limit, false))
      return LAUNCHER_PRINTED_TOO_MUCH;
    if (watched[2].revents && !take(&ends[2], messages, request->message_limit, true))
      return LAUNCHER_PRINTED_TOO_MUCH;
    if (watched[3].revents) {
      ended = true;
      kill(-child, SIGKILL);  // what it started and left behind
      close_end(&ends[0]);
    }
  }
}

// Makes the three channels and the news pipe; `ours` and `theirs` are the two sides.
static bool open_channels(int ours[4], int theirs[4]) {
  int pair[2];
  for (int i = 0; i < 4; i++) ours[i] = theirs[i] = -1;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
  ours[0] = pair[0];
  theirs[0] = pair[1];
  for (int i = 1; i < 4; i++) {
    if (pipe2(pair, O_CLOEXEC) != 0) return false;
    ours[i] = pair[0];
    theirs[i] = pair[1];
  }
  return true;
}

// Copies the table of the caller's environment and adds that Swift prints no crash report.
static char **make_environment(void) {
  static char quiet[] = "SWIFT_BACKTRACE=enable=no";
  size_t count = 0;
  while (environ[count]) count++;
  char **table = malloc((count + 2) * sizeof *table);
  if (!table) return NULL;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (strncmp(environ[i], "SWIFT_BACKTRACE=", strlen("SWIFT_BACKTRACE=")) != 0)
      table[kept++] = environ[i];
  table[kept] = quiet;
  table[kept + 1] = NULL;
  return table;
}

static void read_news(int end, launcher_result *result) {
  news said;
  while (true) {
    ssize_t got = read(end, &said, sizeof said);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof said) return;
    result->writes_forbidden = said.writes_forbidden;
    result->system_error = said.system_error;
  }
}

launcher_result launcher_run(const launcher_request *request) {
  launcher_result result = {0};
  result.outcome = LAUNCHER_NOT_STARTED;
  int ours[4] = {-1, -1, -1, -1}, theirs[4] = {-1, -1, -1, -1};
  pid_t parent = getpid();
  pid_t child = -1;
  char **environment = make_environment();
  // Not fork: it would run what libraries registered for it in the child, and PROJ's takes a lock
  // that another thread may have held, for ever.
  if (environment && open_channels(ours, theirs)) child = _Fork();
  if (child == 0) {
    run_child(request, environment, theirs, parent);
    _exit(127);
  }
  result.system_error = errno;
  free(environment);
  for (int i = 0; i < 4; i++) close_end(&theirs[i]);
  int process = child > 0 ? (int)syscall(SYS_pidfd_open, child, 0) : -1;
  if (process < 0) {
    if (child > 0) {
      result.system_error = errno;
      kill(child, SIGKILL);
      while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    }
    for (int i = 0; i < 4; i++) close_end(&ours[i]);
    return result;
  }
  result.system_error = 0;
  read_news(ours[3], &result);

  buffer output = {0}, messages = {0};
  launcher_outcome outcome = attend(request, ours, child, process, &output, &messages);
  kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  close(process);
  for (int i = 0; i < 4; i++) close_end(&ours[i]);

  result.outcome = outcome;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (outcome == LAUNCHER_EXITED && WIFSIGNALED(status)) result.outcome = LAUNCHER_CRASHED;
  if (result.system_error != 0) result.outcome = LAUNCHER_NOT_STARTED;
  result.output = output.bytes;
  result.output_count = output.count;
  result.messages = messages.bytes;
  result.message_count = messages.count;
  return result;
}

void launcher_free(launcher_result *result) {
  free(result->output);
  free(result->messages);
  *result = (launcher_result){0};
}
