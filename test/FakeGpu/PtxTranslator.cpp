//===- PtxTranslator.cpp - Statements of PTX to closures ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every instruction becomes a closure over the registers it names.
//
//===----------------------------------------------------------------------===//

#include "PtxInstruction.h"

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>

using namespace sevenfold::fake;
using namespace sevenfold::fake::ptx;

std::string ptx::trim(const std::string &text) {
  size_t begin = text.find_first_not_of(" \t\n");
  return begin == std::string::npos
             ? ""
             : text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

std::vector<std::string> ptx::splitOperands(const std::string &text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (char c : text) {
    depth += (c == '{') - (c == '}');
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (std::string &part : parts)
    part = trim(part);
  return parts;
}

static std::vector<std::string> splitDots(const std::string &text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, '.');)
    parts.push_back(part);
  return parts;
}

namespace {
/// Translates one kernel.
class Translator {
public:
  Translator(PtxKernel &kernel, Symbols symbols)
      : kernel(kernel), symbols(std::move(symbols)) {}

  void statement(std::string text);
  void finish();

private:
  Step translate(const std::string &opcode, const std::string &rest);
  std::shared_ptr<size_t> target(const std::string &label);
  Step branch(const std::string &label);
  Step branchByTable(const std::vector<std::string> &operands);
  Step memory(const std::vector<std::string> &opcode, const Type &type,
              const std::vector<std::string> &operands);
  Step move(const Type &type, const std::vector<std::string> &operands);
  Step convert(const std::vector<std::string> &opcode,
               const std::vector<std::string> &operands);
  Step arithmetic(const std::vector<std::string> &opcode, const Type &type,
                  const std::vector<std::string> &operands);

  size_t slot(const std::string &name) {
    auto [found, isNew] = slots.emplace(name, kernel.registers);
    kernel.registers += isNew;
    return found->second;
  }
  std::vector<size_t> slotsOf(const std::string &text);
  Read value(const std::string &text);
  Read address(const std::string &text);

  PtxKernel &kernel;
  Symbols symbols;
  std::map<std::string, size_t> slots;
  std::map<std::string, size_t> labels;
  std::map<std::string, std::vector<std::string>> tables; ///< of labels
  std::vector<std::pair<std::string, std::shared_ptr<size_t>>> jumps;
};
} // namespace

std::vector<size_t> Translator::slotsOf(const std::string &text) {
  std::vector<size_t> found;
  std::string inside = text[0] == '{' ? text.substr(1, text.size() - 2) : text;
  for (const std::string &name : splitOperands(inside))
    found.push_back(slot(name));
  return found;
}

static Read constant(uint64_t bits) {
  return [bits](PtxThread &) { return bits; };
}

Read Translator::value(const std::string &text) {
  if (text.rfind("0f", 0) == 0 || text.rfind("0d", 0) == 0)
    return constant(std::strtoull(text.c_str() + 2, nullptr, 16));
  if (std::isdigit(text[0]))
    return constant(std::strtoull(text.c_str(), nullptr, 0));
  if (text[0] == '-')
    return constant(uint64_t(std::strtoll(text.c_str(), nullptr, 0)));
  static const std::map<std::string, unsigned(PtxThread::*)[3]> special = {
      {"%tid", &PtxThread::tid},
      {"%ctaid", &PtxThread::block},
      {"%ntid", &PtxThread::threads},
      {"%nctaid", &PtxThread::blocks}};
  auto found = special.find(text.substr(0, text.find('.')));
  if (found != special.end()) {
    auto member = found->second;
    int axis = text.back() - 'x';
    return [=](PtxThread &t) { return uint64_t((t.*member)[axis]); };
  }
  auto variable = symbols.shared.find(text);
  if (variable != symbols.shared.end())
    return constant(variable->second);
  size_t index = slot(text);
  return [index](PtxThread &t) { return t.registers[index]; };
}

/// "[%rd1+16]".
Read Translator::address(const std::string &text) {
  std::string inside = text.substr(1, text.find(']') - 1);
  size_t sign = inside.find_first_of("+-", 1);
  int64_t offset =
      sign == std::string::npos
          ? 0
          : std::strtoll(inside.c_str() + sign + (inside[sign] == '+'), nullptr,
                         0);
  Read base = value(trim(inside.substr(0, sign)));
  return [=](PtxThread &t) { return base(t) + uint64_t(offset); };
}

Step Translator::memory(const std::vector<std::string> &opcode,
                        const Type &type,
                        const std::vector<std::string> &operands) {
  size_t bytes = size_t(type.bytes());
  if (opcode[1] == "param") {
    std::string name = operands[1].substr(1, operands[1].find(']') - 1);
    size_t into = slot(operands[0]);
    int index = symbols.parameters.at(name);
    return [=](PtxThread &t) {
      t.registers[into] = 0;
      std::memcpy(&t.registers[into], t.arguments[index], bytes);
    };
  }
  bool isShared = opcode[1] == "shared";
  if (opcode[1] != "global" && !isShared)
    throw Unknown("memory '" + opcode[1] + "'");
  bool isLoad = opcode[0] == "ld";
  Read where = address(operands[isLoad ? 1 : 0]);
  // The access's bytes, or null where it is none.
  auto reach = [=](PtxThread &t, size_t size) -> char * {
    uint64_t at = where(t);
    if (isShared)
      return t.touchShared(at, size);
    auto *begin = reinterpret_cast<char *>(at);
    return t.touch(begin, size) ? begin : nullptr;
  };
  if (isLoad) {
    std::vector<size_t> into = slotsOf(operands[0]);
    return [=](PtxThread &t) {
      const char *from = reach(t, bytes * into.size());
      if (!from)
        return;
      for (size_t index : into) {
        uint64_t bits = 0;
        std::memcpy(&bits, from, bytes);
        // A narrow number fills its register with its sign.
        t.registers[index] =
            type.kind == 's' ? uint64_t(signedOf(type, bits)) : bits;
        from += bytes;
      }
    };
  }
  std::vector<Read> values;
  const std::string &list = operands[1];
  for (const std::string &text :
       splitOperands(list[0] == '{' ? list.substr(1, list.size() - 2) : list))
    values.push_back(value(text));
  return [=](PtxThread &t) {
    char *to = reach(t, bytes * values.size());
    if (!to)
      return;
    for (const Read &read : values) {
      uint64_t bits = read(t);
      std::memcpy(to, &bits, bytes);
      to += bytes;
    }
  };
}

Step Translator::move(const Type &type,
                      const std::vector<std::string> &operands) {
  if (operands[1][0] == '{') {
    std::vector<size_t> parts = slotsOf(operands[1]);
    size_t into = slot(operands[0]);
    int bits = type.bits / int(parts.size());
    return [=](PtxThread &t) {
      uint64_t all = 0;
      for (size_t i = 0; i < parts.size(); ++i)
        all |= t.registers[parts[i]] << (i * bits);
      t.registers[into] = all & type.mask();
    };
  }
  Read from = value(operands[1]);
  std::vector<size_t> into = slotsOf(operands[0]);
  int bits = type.bits / int(into.size());
  uint64_t mask = Type{'b', bits}.mask();
  return [=](PtxThread &t) {
    uint64_t all = from(t);
    for (size_t i = 0; i < into.size(); ++i)
      t.registers[into[i]] = all >> (i * bits) & mask;
  };
}

Step Translator::convert(const std::vector<std::string> &opcode,
                         const std::vector<std::string> &operands) {
  Type from = parseType(opcode.back());
  Type to = parseType(opcode[opcode.size() - 2]);
  size_t into = slot(operands[0]);
  Read first = value(operands[1]);
  if (to.lanes == 2) {
    Read second = value(operands[2]);
    return [=](PtxThread &t) {
      t.registers[into] = bitsOf(to, floatOf(from, first(t))) << 16 |
                          bitsOf(to, floatOf(from, second(t)));
    };
  }
  return [=](PtxThread &t) {
    uint64_t bits = first(t);
    uint64_t &out = t.registers[into];
    if (from.isFloat() && to.isFloat())
      out = bitsOf(to, floatOf(from, bits));
    else if (from.isFloat())
      out = uint64_t(int64_t(std::trunc(floatOf(from, bits)))) & to.mask();
    else if (to.isFloat())
      out = from.kind == 's' ? bitsOf(to, double(signedOf(from, bits)))
                             : bitsOf(to, double(bits & from.mask()));
    else
      out = (from.kind == 's' ? uint64_t(signedOf(from, bits))
                              : bits & from.mask()) &
            to.mask();
  };
}

Step Translator::arithmetic(const std::vector<std::string> &opcode,
                            const Type &type,
                            const std::vector<std::string> &operands) {
  size_t into = slot(operands[0]);
  Read nothing = constant(0);
  Read a = value(operands.at(1)),
       b = operands.size() > 2 ? value(operands[2]) : nothing,
       c = operands.size() > 3 ? value(operands[3]) : nothing;
  if (opcode[0] == "selp")
    return [=](PtxThread &t) { t.registers[into] = c(t) ? a(t) : b(t); };
  Read result = opcode[0] == "setp" ? comparison(opcode[1], type, a, b)
                                    : calculation(opcode, type, a, b, c);
  return [=](PtxThread &t) { t.registers[into] = result(t); };
}

/// Where a label is, as soon as the body has been read.
std::shared_ptr<size_t> Translator::target(const std::string &label) {
  auto place = std::make_shared<size_t>(0);
  jumps.emplace_back(label, place);
  return place;
}

Step Translator::branch(const std::string &label) {
  return [to = target(label)](PtxThread &t) { t.next = *to; };
}

Step Translator::branchByTable(const std::vector<std::string> &operands) {
  auto table = tables.find(operands.at(1));
  if (table == tables.end())
    throw Unknown("table '" + operands[1] + "'");
  std::vector<std::shared_ptr<size_t>> targets;
  for (const std::string &label : table->second)
    targets.push_back(target(label));
  return [=, index = value(operands[0])](PtxThread &t) {
    uint32_t at = uint32_t(index(t));
    // What an index beyond the table does is not defined: nothing more.
    t.isDone = at >= targets.size();
    if (!t.isDone)
      t.next = *targets[at];
  };
}

Step Translator::translate(const std::string &text, const std::string &rest) {
  std::vector<std::string> opcode = splitDots(text);
  const std::string &name = opcode[0];
  if (name == "ret" || name == "exit")
    return [](PtxThread &t) { t.isDone = true; };
  if (name == "bra")
    return branch(trim(rest));
  if (text == "bar.sync")
    return [](PtxThread &t) { t.isWaiting = true; };
  std::vector<std::string> operands = splitOperands(rest);
  if (text == "brx.idx")
    return branchByTable(operands);
  if (name == "cvt")
    return convert(opcode, operands);
  Type type = parseType(opcode.back());
  if (name == "ld" || name == "st")
    return memory(opcode, type, operands);
  if (name == "mov" || name == "cvta")
    return move(type, operands);
  return arithmetic(opcode, type, operands);
}

void Translator::statement(std::string text) {
  text = trim(text);
  // Blocks within a kernel only scope names.
  while (!text.empty() && (text[0] == '{' || text[0] == '}'))
    text = trim(text.substr(1));
  std::string label; // the last one
  for (size_t colon;
       text[0] == '$' && (colon = text.find(':')) < text.find(' ');
       text = trim(text.substr(colon + 1)))
    labels[label = text.substr(0, colon)] = kernel.code.size();
  declareShared(text, symbols, kernel.sharedBytes);
  const std::string kTable = ".branchtargets";
  if (text.rfind(kTable, 0) == 0)
    tables[label] = splitOperands(text.substr(kTable.size()));
  if (text.empty() || text[0] == '.')
    return;
  Read guard;
  bool wanted = true;
  if (text[0] == '@') {
    size_t space = text.find_first_of(" \t");
    wanted = text[1] != '!';
    guard = value(text.substr(wanted ? 1 : 2, space - (wanted ? 1 : 2)));
    text = trim(text.substr(space));
  }
  size_t space = text.find_first_of(" \t");
  Step step = translate(text.substr(0, space),
                        space == std::string::npos ? "" : text.substr(space));
  if (guard)
    step = [=](PtxThread &t) {
      if ((guard(t) != 0) == wanted)
        step(t);
    };
  kernel.code.push_back(std::move(step));
}

void Translator::finish() {
  for (auto &[label, target] : jumps) {
    auto found = labels.find(label);
    if (found == labels.end())
      throw Unknown("label '" + label + "'");
    *target = found->second;
  }
}

void ptx::declareShared(const std::string &statement, Symbols &symbols,
                        size_t &bytes) {
  size_t at = statement.find(".shared ");
  if (at == std::string::npos || statement.find('[', at) == std::string::npos)
    return;
  std::istringstream words(statement.substr(at));
  std::string word, name;
  size_t alignment = 1;
  while (words >> word) {
    if (word == ".align")
      words >> alignment;
    else if (word[0] != '.')
      name = word;
  }
  size_t open = name.find('[');
  bytes = (bytes + alignment - 1) / alignment * alignment;
  symbols.shared[name.substr(0, open)] = bytes;
  bytes += std::strtoull(name.c_str() + open + 1, nullptr, 10);
}

void ptx::translateBody(const std::string &body, Symbols symbols,
                        PtxKernel &kernel) {
  Translator translator(kernel, std::move(symbols));
  std::istringstream statements(body);
  for (std::string statement; std::getline(statements, statement, ';');)
    translator.statement(statement);
  translator.finish();
}
