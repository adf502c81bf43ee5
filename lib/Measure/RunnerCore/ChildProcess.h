//===- ChildProcess.h - A killable process that speaks lines ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Starts a program in a process group of its own, exchanges lines with it under
// deadlines, and leaves nothing of it behind.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_CHILDPROCESS_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_CHILDPROCESS_H

#include <string>
#include <sys/types.h>
#include <vector>

namespace sevenfold {
namespace runner {

enum class ReadStatus { Line, TimedOut, Ended, Interrupted };

class ChildProcess {
public:
  ChildProcess() = default;
  ChildProcess(const ChildProcess &) = delete;
  ChildProcess &operator=(const ChildProcess &) = delete;
  ~ChildProcess() { stop(); }

  /// Starts `program --parent <this process>`; `environment` entries "NAME=x"
  /// replace inherited ones, "NAME" removes one. Empty, or what is wrong.
  std::string start(const std::string &program,
                    const std::vector<std::string> &environment);
  bool isRunning() const { return pid > 0; }

  /// Sends a line; false where the child is gone.
  bool writeLine(const std::string &line);
  /// Waits `seconds` for the next line.
  ReadStatus readLine(std::string &line, double seconds);

  /// Kills the child with its group and waits for it.
  void stop();
  /// After ReadStatus::Ended: reaps it and says how it ended ("killed by signal
  /// 11 (Segmentation fault)"), with the last line it wrote to stderr.
  std::string reap();
  /// Forgets what the child wrote to stderr so far.
  void forgetErrors();

private:
  std::string lastErrorLine() const;
  void closeAll();

  pid_t pid = -1;
  int socket = -1;
  int errors = -1; ///< an unnamed file: a pipe could fill up and block
  std::string pending;
};

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_CHILDPROCESS_H
