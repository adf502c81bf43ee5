/* gpu-call LIBRARY FUNCTION ROWS COLUMNS IN.npy.. > OUT.npy: calls a function of
   a compiled GPU library, whose one result is of that shape, on the device. The
   library's calls decide when the device is asked for; twice, the second time
   with what the first one kept. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 128 }; /* of the files npy.c and sevenfold write */

typedef unsigned long long Pointer;
static int (*alloc)(Pointer *, size_t), (*unload)(Pointer);
static int (*toDevice)(Pointer, const void *, size_t);
static int (*toHost)(void *, Pointer, size_t), (*synchronize)(void);

static void *find(void *library, const char *name) {
  void *symbol = library ? dlsym(library, name) : NULL;
  if (symbol)
    return symbol;
  fprintf(stderr, "no %s: %s\n", name, dlerror());
  exit(2);
}

static void need(int status, const char *what) {
  if (status == 0)
    return;
  fprintf(stderr, "%s: %d\n", what, status);
  exit(1);
}

static Pointer load(const char *path) {
  FILE *file = fopen(path, "rb");
  char *data;
  long bytes;
  Pointer device = 0;
  if (!file || fseek(file, 0, SEEK_END) || (bytes = ftell(file)) <= HEAD)
    exit(2);
  rewind(file);
  data = malloc((size_t)bytes);
  if (fread(data, 1, (size_t)bytes, file) != (size_t)bytes)
    exit(2);
  fclose(file);
  need(alloc(&device, (size_t)(bytes - HEAD)), "cuMemAlloc_v2");
  need(toDevice(device, data + HEAD, (size_t)(bytes - HEAD)), "cuMemcpyHtoD");
  free(data);
  return device;
}

static void save(int rows, int columns, const float *data) {
  char text[HEAD - 10];
  int end;
  memset(text, ' ', sizeof text);
  end = sprintf(text,
                "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }",
                rows, columns);
  text[end] = ' ';
  text[sizeof text - 1] = '\n';
  fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, stdout);
  fwrite(text, 1, sizeof text, stdout);
  fwrite(data, sizeof *data, (size_t)rows * columns, stdout);
}

int main(int argc, char **argv) {
  void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL), *library;
  int (*init)(unsigned), (*retain)(void **, int), (*release)(int);
  int (*push)(void *), (*pop)(void **);
  void *context = NULL, *function;
  const char *(*describe)(int);
  Pointer pointers[4] = {0};
  int rows, columns, count = argc - 5, status = 0, i;
  float *result;
  if (argc < 6 || count > 3)
    return 2;
  init = (int (*)(unsigned))find(driver, "cuInit");
  retain = (int (*)(void **, int))find(driver, "cuDevicePrimaryCtxRetain");
  release = (int (*)(int))find(driver, "cuDevicePrimaryCtxRelease_v2");
  push = (int (*)(void *))find(driver, "cuCtxPushCurrent_v2");
  pop = (int (*)(void **))find(driver, "cuCtxPopCurrent_v2");
  alloc = (int (*)(Pointer *, size_t))find(driver, "cuMemAlloc_v2");
  unload = (int (*)(Pointer))find(driver, "cuMemFree_v2");
  toDevice =
      (int (*)(Pointer, const void *, size_t))find(driver, "cuMemcpyHtoD_v2");
  toHost = (int (*)(void *, Pointer, size_t))find(driver, "cuMemcpyDtoH_v2");
  synchronize = (int (*)(void))find(driver, "cuCtxSynchronize");
  need(init(0), "cuInit");
  need(retain(&context, 0), "cuDevicePrimaryCtxRetain");
  need(push(context), "cuCtxPushCurrent_v2");
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  function = find(library, argv[2]);
  describe = (const char *(*)(int))find(library, "sevenfold_error_string");
  rows = atoi(argv[3]);
  columns = atoi(argv[4]);
  result = malloc(sizeof *result * (size_t)rows * columns);
  for (i = 0; i < count; ++i)
    pointers[i] = load(argv[5 + i]);
  need(alloc(&pointers[count], sizeof *result * (size_t)rows * columns),
       "cuMemAlloc_v2");
  for (i = 0; i < 2 && status == 0; ++i)
    status = count == 1 ? ((int (*)(Pointer, Pointer))function)(pointers[0],
                                                                pointers[1])
             : count == 2
                 ? ((int (*)(Pointer, Pointer, Pointer))function)(
                       pointers[0], pointers[1], pointers[2])
                 : ((int (*)(Pointer, Pointer, Pointer, Pointer))function)(
                       pointers[0], pointers[1], pointers[2], pointers[3]);
  if (status) {
    fprintf(stderr, "%s: %s\n", argv[2], describe(status));
    return 1;
  }
  need(synchronize(), "cuCtxSynchronize");
  need(toHost(result, pointers[count], sizeof *result * (size_t)rows * columns),
       "cuMemcpyDtoH_v2");
  save(rows, columns, result);
  for (i = 0; i <= count; ++i)
    unload(pointers[i]);
  /* The library gives back what it kept while the context is there. */
  dlclose(library);
  pop(&context);
  return release(0);
}
