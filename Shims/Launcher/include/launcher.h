// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs one program with limits and collects what it prints.
//
// Why C: between fork and exec only async-signal-safe calls are allowed, and Swift's runtime may
// take a lock or allocate at any statement. Everything in the child is a plain system call.
//
// Applied to every child, in this order:
//   own process group            the time limit kills all that the program started
//   parent-death signal          SIGKILL when the calling thread ends (it waits in launcher_run)
//   default signal mask          what the caller had blocked is not inherited
//   stdin, stdout, stderr only   every other descriptor is closed
//   rlimits                      CPU seconds, address space, file size; no core file
//   no new privileges            set-user-id programs gain nothing
//   no Swift crash report        it takes seconds and is a second program that reads hostile bytes
//   Landlock (on request)        no file is written, made or removed, no TCP; needs Linux 5.13
//
// A program of ours that parses hostile bytes then calls launcher_confine itself, before the first
// of them: it cannot be done for it, since a filter that forbids exec would forbid its start.
#ifndef DIORAMA_LAUNCHER_H
#define DIORAMA_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What to run and how much it may take.
typedef struct {
  /// The program's arguments, the last one null; the first is the path of the executable. All of it
  /// must stay valid until launcher_run returns.
  char *_Nullable const *_Nonnull arguments;
  /// What the program finds on its standard input; may be null when `input_count` is 0.
  const uint8_t *_Nullable input;
  size_t input_count;
  /// Wall-clock limit; the whole process group is killed when it passes.
  uint64_t wall_nanoseconds;
  /// RLIMIT_CPU.
  uint64_t cpu_seconds;
  /// RLIMIT_AS, the virtual address space.
  uint64_t memory_bytes;
  /// RLIMIT_FSIZE, the largest file it may write.
  uint64_t file_bytes;
  /// The most bytes taken from its standard output; one more and it is killed.
  size_t output_limit;
  /// The bytes kept of its standard error; what follows is thrown away.
  size_t message_limit;
  /// Whether to forbid writing files and using TCP, where the kernel has Landlock.
  bool forbid_writes;
} launcher_request;

/// How a run ended.
typedef enum {
  /// It ended by itself: see `exit_code`.
  LAUNCHER_EXITED = 0,
  /// A signal that was not ours ended it: see `signal`.
  LAUNCHER_CRASHED = 1,
  /// It was killed at the wall-clock limit.
  LAUNCHER_TIMED_OUT = 2,
  /// It was killed because it printed more than `output_limit`.
  LAUNCHER_PRINTED_TOO_MUCH = 3,
  /// It never ran: see `system_error`.
  LAUNCHER_NOT_STARTED = 4,
} launcher_outcome;

/// What a run left; `output` and `messages` belong to the caller until launcher_free.
typedef struct {
  launcher_outcome outcome;
  int exit_code;
  int signal;
  /// The errno of the call that failed.
  int system_error;
  /// Whether Landlock was in force.
  bool writes_forbidden;
  /// The program's standard output, or null when it is empty.
  uint8_t *_Nullable output;
  size_t output_count;
  /// The start of the program's standard error, or null when it is empty.
  uint8_t *_Nullable messages;
  size_t message_count;
} launcher_result;

/// Runs the program, blocks until it has ended, and returns what it left.
///
/// Any number of threads may call it at once.
launcher_result launcher_run(const launcher_request *_Nonnull request);

/// Gives up, for good and for every thread of this process, all system calls but those for reading
/// files, for memory, for writing to open descriptors and for ending (seccomp).
///
/// Every other call fails with EPERM: sockets, programs and processes, tracing and signalling of
/// others, anything that makes, changes or removes a file. Returns 0, or the errno of the call that
/// failed; the process is then as free as before and must not go on.
int launcher_confine(void);

/// Whether the kernel can do what launcher_confine asks of it.
bool launcher_can_confine(void);

/// The version of the kernel's Landlock, or 0 where it has none.
int launcher_landlock_version(void);

/// Frees what a result holds and clears it.
void launcher_free(launcher_result *_Nonnull result);

#endif
