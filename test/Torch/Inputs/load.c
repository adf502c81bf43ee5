/* Loads a library into a process that has nothing else. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
  if (argc == 2 && dlopen(argv[1], RTLD_NOW))
    return 0;
  fprintf(stderr, "%s\n", dlerror());
  return 1;
}
