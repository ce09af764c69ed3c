// SPDX-License-Identifier: Apache-2.0
// Converts exceptions to codes and error messages.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <sstream>

#include "internal.hpp"

namespace checkrob {

static std::vector<std::string> lines_of(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back(line);
  return lines;
}

// libtorch's checks of itself: "cond INTERNAL ASSERT FAILED at "file":12, please report a bug to PyTorch.
// reason". The bug is the archive's; what stays is the reason.
static std::string without_assertion(const std::string &text) {
  static const std::string assertion = "INTERNAL ASSERT FAILED", report = "please report a bug to PyTorch";
  size_t found = text.find(assertion), end = text.find(report);
  if (found == std::string::npos && end == std::string::npos) return text;
  std::string rest = end == std::string::npos ? "" : text.substr(end + report.size());
  size_t first = rest.find_first_not_of(". \t");
  std::string reason = first == std::string::npos ? text.substr(0, std::min(found, end)) : rest.substr(first);
  while (!reason.empty() && (reason.back() == ' ' || reason.back() == ',')) reason.pop_back();
  return "libtorch cannot compute this archive" + (reason.empty() ? "" : " (" + reason + ")");
}

// The interpreter adds a traceback of the model's own code. The reason is its last part.
static std::string first_reason(const std::string &text) {
  static const std::string wrapped = "The following operation failed";
  static const std::string marker = "RuntimeError: ";
  std::vector<std::string> lines = lines_of(text);
  if (lines.empty()) return "no reason given";
  if (lines.front().compare(0, wrapped.size(), wrapped) != 0) return lines.front();
  for (auto line = lines.rbegin(); line != lines.rend(); ++line)
    if (line->compare(0, marker.size(), marker) == 0) return line->substr(marker.size());
  return lines.back();
}

// What is allocated on the GPU, and how libtorch's allocator is tuned, is said after the size that it asked
// for.
static std::string without_statistics(const std::string &reason) {
  size_t found = reason.find("CUDA out of memory");
  return found == std::string::npos ? reason : reason.substr(0, reason.find(". GPU", found));
}

// The reason may be on the lines behind the assertion.
static std::string reason_in(const std::string &text) {
  std::string reason = without_statistics(without_assertion(first_reason(text)));
  while (!reason.empty() && reason.back() == '.') reason.pop_back();
  return reason;
}

std::string essence(const std::exception &exception) {
  auto *error = dynamic_cast<const c10::Error *>(&exception);
  return reason_in(error ? error->what_without_backtrace() : exception.what());
}

// If an allocator fails, libtorch throws a c10::Error, of the CPU with its name, of a device with these
// words. CUDA's libraries allocate too.
static bool is_allocator_failure(const std::string &reason) {
  static const char *const words[] = {"DefaultCPUAllocator", "out of memory", "STATUS_ALLOC_FAILED"};
  return std::any_of(std::begin(words), std::end(words),
                     [&](const char *part) { return reason.find(part) != std::string::npos; });
}

std::string shape_text(c10::ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); i++) text.append(i ? "," : "").append(std::to_string(shape[i]));
  return text + "]";
}

void refuse_input(c10::ArrayRef<int64_t> shape, c10::Device device, const std::exception &exception) {
  std::string reason = essence(exception);
  if (is_allocator_failure(reason)) return;
  throw Failure{SHIM_BAD_ARGUMENT, "the model refuses an input of " + shape_text(shape) + ": " + reason +
                                       advice_about(reason, device)};
}

static std::string word_after(const std::string &text, const std::string &before) {
  size_t start = text.find(before) + before.size();
  size_t end = text.find_first_of(" \n", start);
  std::string word = text.substr(start, end == std::string::npos ? end : end - start);
  while (!word.empty() && (word.back() == '.' || word.back() == ',')) word.pop_back();
  return word;
}

// Of a model that was moved to a GPU.
static std::string advice_on_gpu(const std::string &reason) {
  auto has = [&](const char *part) { return reason.find(part) != std::string::npos; };
  if (has("the same device"))
    return "; the model makes a tensor on the processor in its forward; choose the device cpu, or export the "
           "model so that it makes its tensors on the device of its input";
  if (has("'CUDA' backend")) return "; libtorch has no such operation for a GPU; choose the device cpu";
  return "";
}

std::string advice_about(const std::string &reason, c10::Device device) {
  static const std::string unknown = "Unknown builtin op: ",
                           custom = "Unknown type name '__torch__.torch.classes";
  auto has = [&](const char *part) { return reason.find(part) != std::string::npos; };
  if (has(unknown.c_str()))
    return "; libtorch alone has no operation " + word_after(reason, unknown) +
           ", which comes from another library (torchvision, a quantiser, an extension), or from a newer "
           "libtorch; export the classifier alone, from images to logits, without such operations";
  if (has(custom.c_str()) || has("__torch__.torch.classes"))
    return "; it contains objects of another library or of a backend; export the plain model";
  if (has("keyword attribute 'value' is undefined"))
    return "; it was saved after torch.jit.optimize_for_inference, whose operations cannot be read again; "
           "save "
           "the model before this step";
  if (!device.is_cpu()) return advice_on_gpu(reason);
  if (has("CUDA") || has("cuda"))
    return "; the archive was traced or frozen on a GPU, and contains this device; export it again on the "
           "CPU: "
           "model.cpu() and an example on the CPU";
  return "";
}

// Never cuts a UTF-8 character. Replaces control characters, which would break a line of a log.
static int fill(shim_error *error, int code, const char *text) noexcept {
  size_t size = std::strlen(text);
  if (size >= sizeof error->message) {
    size = sizeof error->message - 1;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) size--;
  }
  for (size_t i = 0; i < size; i++)
    error->message[i] = static_cast<unsigned char>(text[i]) < 0x20 ? ' ' : text[i];
  error->message[size] = '\0';
  error->code = code;
  return code;
}

static int fill_torch(shim_error *error, const char *step, const std::exception &exception) {
  std::string reason = essence(exception);
  bool memory = is_allocator_failure(reason);
  return fill(error, memory ? SHIM_NO_MEMORY : SHIM_ERROR, (std::string(step) + ": " + reason).c_str());
}

int report(shim_error *error, const char *step) noexcept {
  try {
    try {
      throw;
    } catch (const Failure &failure) {
      return fill(error, failure.code, failure.message.c_str());
    } catch (const std::bad_alloc &) {
      throw;
    } catch (const std::exception &exception) {
      return fill_torch(error, step, exception);
    }
  } catch (const std::bad_alloc &) {
    return fill(error, SHIM_NO_MEMORY, "out of memory");
  } catch (...) {
    return fill(error, SHIM_ERROR, "libtorch failed without giving a reason");
  }
}

}  // namespace checkrob
