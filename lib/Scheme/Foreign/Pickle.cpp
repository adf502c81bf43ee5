//===- Pickle.cpp - Pickled arrays of arrays ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pickle is a program for a stack machine that may call any function of
// Python. This machine knows the instructions that NumPy writes for an array of
// objects that are arrays (protocols 2 to 4), and four names:
//
//   _reconstruct(ndarray, (0,), b'b')   an array, to be filled
//   dtype('i4', False, True)            a type
//   _codecs.encode('..', 'latin1')      the bytes of protocol 2
//
// which it does not call but takes for what they mean. Everything else is an
// error. What a program may hold at once is bounded.
//
//===----------------------------------------------------------------------===//

#include "ForeignFactors.h"
#include "NumberArray.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <deque>
#include <map>

using namespace sevenfold;
using llvm::StringRef;

namespace {

/// Of values, of the stack and of the memo; and of instructions. A scheme's
/// array takes about 60 and 170.
constexpr size_t kMaxValues = 4096;
constexpr size_t kMaxSteps = 16384;

struct Value {
  enum Kind {
    None,
    Integer, ///< booleans are 0 and 1
    Text,    ///< strings and bytes
    Tuple,
    List,
    Function, ///< `integer` says which
    Type,
    Array,
    Mark
  };
  Kind kind = None;
  int64_t integer = 0;
  StringRef text;
  std::vector<Value *> items; ///< of a list or tuple, and an array of objects
  NumberType type{'O', 8};
  NumberArray array;
};

enum Function : int64_t { Reconstruct, NdArray, DType, Encode };

std::optional<Function> parseFunction(StringRef module, StringRef name) {
  if ((module == "numpy.core.multiarray" ||
       module == "numpy._core.multiarray") &&
      name == "_reconstruct")
    return Reconstruct;
  if (module == "numpy" && name == "ndarray")
    return NdArray;
  if (module == "numpy" && name == "dtype")
    return DType;
  if (module == "_codecs" && name == "encode")
    return Encode;
  return std::nullopt;
}

class Machine {
public:
  Machine(StringRef program, StringRef where) : rest(program), where(where) {}

  llvm::Expected<std::vector<NumberArray>> run() {
    for (size_t count = 0; count < kMaxSteps; ++count) {
      std::optional<uint64_t> code = takeInteger(1);
      if (!code)
        return cutOff();
      if (*code == '.')
        return result();
      if (llvm::Error error = step(*code))
        return error;
      if (std::max({stack.size(), memo.size(), values.size()}) > kMaxValues)
        break;
    }
    return makeError("{0}: expected a pickle of at most {1} values and {2} "
                     "instructions",
                     where, kMaxValues, kMaxSteps);
  }

private:
  llvm::Error cutOff() const {
    return makeError("{0}: the pickle is cut off", where);
  }
  llvm::Error malformed() const {
    return makeError("{0}: the pickle is none of arrays of numbers", where);
  }

  //===--------------------------------------------------------------------===//
  // Bytes, values and the stack
  //===--------------------------------------------------------------------===//

  std::optional<StringRef> takeBytes(uint64_t count) {
    if (count > rest.size())
      return std::nullopt;
    StringRef bytes = rest.take_front(count);
    rest = rest.drop_front(count);
    return bytes;
  }
  std::optional<uint64_t> takeInteger(unsigned width) {
    std::optional<StringRef> bytes = takeBytes(width);
    if (!bytes)
      return std::nullopt;
    uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i)
      value |= uint64_t(static_cast<unsigned char>((*bytes)[i])) << 8 * i;
    return value;
  }
  /// A line's text, without its end.
  std::optional<StringRef> takeLine() {
    size_t end = rest.find('\n');
    if (end == StringRef::npos)
      return std::nullopt;
    StringRef line = rest.take_front(end);
    rest = rest.drop_front(end + 1);
    return line;
  }
  Value *make(Value::Kind kind) {
    values.emplace_back().kind = kind;
    return &values.back();
  }
  Value *push(Value::Kind kind) {
    stack.push_back(make(kind));
    return stack.back();
  }
  /// The top of the stack, taken off it, or nothing where that is a mark.
  Value *pop() {
    if (stack.empty() || stack.back()->kind == Value::Mark)
      return nullptr;
    Value *value = stack.back();
    stack.pop_back();
    return value;
  }
  /// What lies above the last mark, which goes too.
  std::optional<std::vector<Value *>> popToMark() {
    for (size_t i = stack.size(); i-- != 0;)
      if (stack[i]->kind == Value::Mark) {
        std::vector<Value *> items(stack.begin() + i + 1, stack.end());
        stack.resize(i);
        return items;
      }
    return std::nullopt;
  }

  //===--------------------------------------------------------------------===//
  // Instructions
  //===--------------------------------------------------------------------===//

  llvm::Error step(uint64_t code) {
    switch (code) {
    case 0x80: // PROTO
      return takeInteger(1) ? llvm::Error::success() : cutOff();
    case 0x95: // FRAME
      return takeInteger(8) ? llvm::Error::success() : cutOff();
    case '(':
      push(Value::Mark);
      return llvm::Error::success();
    case 'N':
      push(Value::None);
      return llvm::Error::success();
    case 0x88: // NEWTRUE
    case 0x89: // NEWFALSE
      push(Value::Integer)->integer = code == 0x88;
      return llvm::Error::success();
    case 'K':
      return pushInteger(1);
    case 'M':
      return pushInteger(2);
    case 'J':
      return pushInteger(4);
    case 'U':  // SHORT_BINSTRING
    case 'C':  // SHORT_BINBYTES
    case 0x8c: // SHORT_BINUNICODE
      return pushText(1);
    case 'T': // BINSTRING
    case 'B': // BINBYTES
    case 'X': // BINUNICODE
      return pushText(4);
    case 0x8e: // BINBYTES8
      return pushText(8);
    case 'q':
      return put(takeInteger(1));
    case 'r':
      return put(takeInteger(4));
    case 0x94: // MEMOIZE
      return put(memo.size());
    case 'h':
      return get(takeInteger(1));
    case 'j':
      return get(takeInteger(4));
    default:
      return stepContainer(code);
    }
  }

  llvm::Error stepContainer(uint64_t code) {
    switch (code) {
    case ')':
      push(Value::Tuple);
      return llvm::Error::success();
    case ']':
      push(Value::List);
      return llvm::Error::success();
    case 't':
      return pushTuple(popToMark());
    case 0x85: // TUPLE1
    case 0x86: // TUPLE2
    case 0x87: // TUPLE3
      return pushTuple(popSome(code - 0x84));
    case 'a':
      return appendTo(popSome(1));
    case 'e':
      return appendTo(popToMark());
    case 'c':
      return pushFunctionOfLines();
    case 0x93: // STACK_GLOBAL
      return pushFunctionOfStack();
    case 'R':
      return reduce();
    case 'b':
      return build();
    default:
      return makeError("{0}: opcode {1} of a pickle, expected those of arrays "
                       "only",
                       where, llvm::formatv("{0:x}", code).str());
    }
  }

  llvm::Error pushInteger(unsigned width) {
    std::optional<uint64_t> value = takeInteger(width);
    if (!value)
      return cutOff();
    // That of four bytes has a sign.
    push(Value::Integer)->integer = width == 4 ? int32_t(*value) : *value;
    return llvm::Error::success();
  }
  llvm::Error pushText(unsigned width) {
    std::optional<uint64_t> length = takeInteger(width);
    std::optional<StringRef> text;
    if (length)
      text = takeBytes(*length);
    if (!text)
      return cutOff();
    push(Value::Text)->text = *text;
    return llvm::Error::success();
  }
  llvm::Error put(std::optional<uint64_t> index) {
    if (!index)
      return cutOff();
    if (stack.empty() || stack.back()->kind == Value::Mark)
      return malformed();
    memo[*index] = stack.back();
    return llvm::Error::success();
  }
  llvm::Error get(std::optional<uint64_t> index) {
    if (!index)
      return cutOff();
    auto found = memo.find(*index);
    if (found == memo.end())
      return malformed();
    stack.push_back(found->second);
    return llvm::Error::success();
  }
  std::optional<std::vector<Value *>> popSome(size_t count) {
    std::vector<Value *> items(count);
    while (count-- != 0)
      if (!(items[count] = pop()))
        return std::nullopt;
    return items;
  }
  llvm::Error pushTuple(std::optional<std::vector<Value *>> items) {
    if (!items)
      return malformed();
    push(Value::Tuple)->items = std::move(*items);
    return llvm::Error::success();
  }
  llvm::Error appendTo(std::optional<std::vector<Value *>> items) {
    if (!items || stack.empty() || stack.back()->kind != Value::List)
      return malformed();
    std::vector<Value *> &list = stack.back()->items;
    if (list.size() + items->size() > kMaxValues)
      return malformed();
    list.insert(list.end(), items->begin(), items->end());
    return llvm::Error::success();
  }

  llvm::Error pushFunctionOfLines() {
    std::optional<StringRef> module = takeLine(), name = takeLine();
    return module && name ? pushFunction(*module, *name) : cutOff();
  }
  llvm::Error pushFunctionOfStack() {
    auto names = popSome(2);
    if (!names || (*names)[0]->kind != Value::Text ||
        (*names)[1]->kind != Value::Text)
      return malformed();
    return pushFunction((*names)[0]->text, (*names)[1]->text);
  }
  llvm::Error pushFunction(StringRef module, StringRef name) {
    std::optional<Function> function = parseFunction(module, name);
    if (!function)
      return makeError("{0}: the pickle calls '{1}.{2}', expected what arrays "
                       "are made of only; nothing was called",
                       where, printable(module), printable(name));
    push(Value::Function)->integer = *function;
    return llvm::Error::success();
  }
  static std::string printable(StringRef text) {
    std::string shown = text.take_front(48).str();
    for (char &c : shown)
      if (!llvm::isPrint(c))
        c = '?';
    return shown;
  }

  llvm::Error reduce() {
    auto call = popSome(2);
    if (!call || (*call)[0]->kind != Value::Function ||
        (*call)[1]->kind != Value::Tuple)
      return malformed();
    llvm::ArrayRef<Value *> arguments = (*call)[1]->items;
    bool hasText = !arguments.empty() && arguments.front()->kind == Value::Text;
    switch ((*call)[0]->integer) {
    case Reconstruct:
      push(Value::Array);
      return llvm::Error::success();
    case DType:
      return hasText ? pushType(arguments.front()->text) : malformed();
    case Encode:
      return hasText ? pushLatin(arguments.front()->text) : malformed();
    default:
      return malformed();
    }
  }
  llvm::Error pushType(StringRef text) {
    std::optional<NumberType> type = parseNumberType(text);
    if (!type)
      return makeError("{0}: expected an array of integers or floats but got "
                       "elements '{1}'",
                       where, printable(text));
    push(Value::Type)->type = *type;
    return llvm::Error::success();
  }
  /// Bytes that protocol 2 holds as the characters of those numbers, in UTF-8.
  llvm::Error pushLatin(StringRef text) {
    decodedBytes += text.size();
    if (decodedBytes > 4 * 8 * kMaxFactorNumbers)
      return malformed();
    std::string &bytes = decoded.emplace_back();
    for (size_t i = 0; i < text.size(); ++i) {
      unsigned char c = text[i];
      if (c >= 0x80) {
        // Two bytes say 0x80 to 0xff; no others are bytes.
        if ((c != 0xc2 && c != 0xc3) || i + 1 == text.size())
          return malformed();
        c = (c & 3) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3f);
      }
      bytes += char(c);
    }
    push(Value::Text)->text = bytes;
    return llvm::Error::success();
  }

  //===--------------------------------------------------------------------===//
  // Arrays
  //===--------------------------------------------------------------------===//

  llvm::Error build() {
    Value *state = pop();
    if (!state || state->kind != Value::Tuple || stack.empty())
      return malformed();
    Value *object = stack.back();
    if (object->kind == Value::Array)
      return fillArray(*object, state->items);
    // (version, byte order, ..)
    bool isType = object->kind == Value::Type && state->items.size() > 1 &&
                  state->items[1]->kind == Value::Text;
    if (!isType)
      return malformed();
    if (state->items[1]->text == ">")
      return makeError(
          "{0}: expected little endian elements but got big endian "
          "ones",
          where);
    return llvm::Error::success();
  }
  /// state: (version, shape, type, whether Fortran's order, elements)
  llvm::Error fillArray(Value &object, llvm::ArrayRef<Value *> state) {
    if (state.size() != 5 || state[1]->kind != Value::Tuple ||
        state[2]->kind != Value::Type || state[3]->kind != Value::Integer)
      return malformed();
    object.type = state[2]->type;
    if (object.type.kind == 'O') {
      if (state[4]->kind != Value::List)
        return malformed();
      object.items = state[4]->items;
      return llvm::Error::success();
    }
    std::vector<uint64_t> shape;
    for (const Value *size : state[1]->items) {
      if (size->kind != Value::Integer || size->integer < 0)
        return malformed();
      shape.push_back(size->integer);
    }
    if (state[4]->kind != Value::Text)
      return malformed();
    llvm::Expected<NumberArray> array = readElements(
        state[4]->text, object.type, shape,
        state[3]->integer ? ElementOrder::Fortran : ElementOrder::C, where);
    if (!array)
      return array.takeError();
    numbers += array->values.size();
    if (numbers > 3 * kMaxFactorNumbers)
      return makeError("{0}: expected at most {1} numbers", where,
                       3 * kMaxFactorNumbers);
    object.array = std::move(*array);
    return llvm::Error::success();
  }

  llvm::Expected<std::vector<NumberArray>> result() {
    Value *root = pop();
    if (!root || root->kind != Value::Array || root->type.kind != 'O')
      return malformed();
    std::vector<NumberArray> arrays;
    for (Value *item : root->items) {
      if (item->kind != Value::Array || item->type.kind == 'O' ||
          arrays.size() == 3)
        return makeError("{0}: expected an array of three arrays of numbers",
                         where);
      arrays.push_back(item->array);
    }
    return arrays;
  }

  StringRef rest, where;
  std::deque<Value> values;
  std::deque<std::string> decoded;
  size_t decodedBytes = 0, numbers = 0;
  std::vector<Value *> stack;
  std::map<uint64_t, Value *> memo;
};

} // namespace

llvm::Expected<std::vector<NumberArray>>
sevenfold::readPickledArrays(StringRef pickle, StringRef where) {
  return Machine(pickle, where).run();
}
