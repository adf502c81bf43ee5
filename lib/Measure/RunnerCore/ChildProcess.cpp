//===- ChildProcess.cpp - A killable process that speaks lines ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A socket pair instead of two pipes: writing to a dead child is an error code
// there, not a SIGPIPE that would take the tool down.
//
//===----------------------------------------------------------------------===//

#include "ChildProcess.h"

#include "sevenfold/Measure/Interrupt.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

using namespace sevenfold;
using namespace sevenfold::runner;

extern char **environ;

static std::string errnoText(int code) {
  return std::generic_category().message(code);
}

/// The inherited environment with the entries of `changes` put over it.
static std::vector<std::string>
mergeEnvironment(const std::vector<std::string> &changes) {
  std::vector<std::string> merged;
  auto nameOf = [](const std::string &entry) {
    return entry.substr(0, entry.find('='));
  };
  for (char **entry = environ; *entry; ++entry)
    if (std::none_of(changes.begin(), changes.end(),
                     [&](const std::string &change) {
                       return nameOf(change) == nameOf(*entry);
                     }))
      merged.push_back(*entry);
  for (const std::string &change : changes)
    if (change.find('=') != std::string::npos)
      merged.push_back(change);
  return merged;
}

/// Spawns with 0 and 1 on `socket` and 2 on `errors`; an errno value.
static int spawn(pid_t &pid, const std::string &program, int socket, int errors,
                 const std::vector<std::string> &environment) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, 0);
  posix_spawn_file_actions_adddup2(&actions, socket, 1);
  posix_spawn_file_actions_adddup2(&actions, errors, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own: Ctrl-C in the terminal reaches the tool only.
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);

  std::string parent = std::to_string(getpid());
  std::vector<std::string> merged = mergeEnvironment(environment);
  std::vector<char *> variables;
  for (std::string &entry : merged)
    variables.push_back(entry.data());
  variables.push_back(nullptr);
  std::string name = program, option = "--parent";
  char *arguments[] = {name.data(), option.data(), parent.data(), nullptr};
  int status = posix_spawn(&pid, program.c_str(), &actions, &attributes,
                           arguments, variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

std::string ChildProcess::start(const std::string &program,
                                const std::vector<std::string> &environment) {
  stop();
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return "cannot create a socket: " + errnoText(errno);
  socket = sockets[0];
  errors = memfd_create("sevenfold-runner-errors", MFD_CLOEXEC);
  int status = errno;
  if (errors >= 0) {
    // Appending, so that forgetErrors can truncate under the child's feet.
    fcntl(errors, F_SETFL, O_APPEND);
    status = spawn(pid, program, sockets[1], errors, environment);
  }
  close(sockets[1]);
  if (status == 0)
    return "";
  pid = -1;
  closeAll();
  return "cannot start '" + program + "': " + errnoText(status);
}

bool ChildProcess::writeLine(const std::string &text) {
  std::string line = text + "\n";
  size_t sent = 0;
  while (sent < line.size()) {
    ssize_t count =
        send(socket, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

ReadStatus ChildProcess::readLine(std::string &line, double seconds) {
  using Clock = std::chrono::steady_clock;
  auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(seconds));
  while (true) {
    if (size_t end = pending.find('\n'); end != std::string::npos) {
      line = pending.substr(0, end);
      pending.erase(0, end + 1);
      return ReadStatus::Line;
    }
    if (interrupted())
      return ReadStatus::Interrupted;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - Clock::now());
    if (left.count() <= 0)
      return ReadStatus::TimedOut;
    // In slices: an interrupt may come between the look at its flag and poll.
    pollfd waited{socket, POLLIN, 0};
    int slice = static_cast<int>(std::min<int64_t>(left.count() + 1, 500));
    if (poll(&waited, 1, slice) <= 0)
      continue;
    char chunk[4096];
    ssize_t count = read(socket, chunk, sizeof chunk);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return ReadStatus::Ended;
    pending.append(chunk, static_cast<size_t>(count));
  }
}

void ChildProcess::stop() {
  if (pid > 0) {
    kill(-pid, SIGKILL);
    // Before the child's group exists the line above misses it.
    kill(pid, SIGKILL);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR)
      ;
    pid = -1;
  }
  closeAll();
}

std::string ChildProcess::reap() {
  std::string text = "the process ended";
  int status = 0;
  // It closed its end of the socket; give it a moment to finish dying.
  pid_t ended = 0;
  for (int attempt = 0; attempt < 200 && ended == 0; ++attempt) {
    ended = waitpid(pid, &status, WNOHANG);
    if (ended == 0)
      usleep(10000);
  }
  if (ended == pid) {
    kill(-pid, SIGKILL); // whatever it may have started
    pid = -1;
    if (WIFSIGNALED(status))
      text = "killed by signal " + std::to_string(WTERMSIG(status)) + " (" +
             strsignal(WTERMSIG(status)) + ")";
    else if (WIFEXITED(status))
      text = "exited with code " + std::to_string(WEXITSTATUS(status));
  }
  std::string last = lastErrorLine();
  if (!last.empty())
    text += ": " + last;
  stop();
  return text;
}

void ChildProcess::forgetErrors() {
  if (errors >= 0)
    (void)!ftruncate(errors, 0);
}

std::string ChildProcess::lastErrorLine() const {
  off_t size = errors >= 0 ? lseek(errors, 0, SEEK_END) : 0;
  char tail[401];
  off_t begin = std::max<off_t>(size - 400, 0);
  ssize_t count = size > 0 ? pread(errors, tail, 400, begin) : 0;
  std::string text(tail, std::max<ssize_t>(count, 0));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text.substr(text.rfind('\n') + 1);
}

void ChildProcess::closeAll() {
  for (int *descriptor : {&socket, &errors}) {
    if (*descriptor >= 0)
      close(*descriptor);
    *descriptor = -1;
  }
  pending.clear();
}
