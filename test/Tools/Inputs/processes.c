/* processes LIBRARY MODE [NUMBER]: uses a compiled library as other programs do,
   who unload it, fork, have little memory or many threads. Results are sums of
   small whole numbers, so that they are exact in any order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { M = 256, K = 263, N = 270, SECONDS = 60 };

static float a[M * K], b[K * N], expected[M * N];
static int (*product)(const float *, const float *, float *);
static const char *(*describe)(int);
static void (*setCap)(int64_t);
static void (*release)(void);

static void *openLibrary(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    puts(dlerror());
    exit(1);
  }
  *(void **)&product = dlsym(library, "product");
  *(void **)&describe = dlsym(library, "sevenfold_error_string");
  *(void **)&setCap = dlsym(library, "sevenfold_set_workspace_cap");
  *(void **)&release = dlsym(library, "sevenfold_release_workspace");
  return library;
}

static void fill(void) {
  for (int i = 0; i < M * K; ++i)
    a[i] = i * 7 % 13 - 6;
  for (int i = 0; i < K * N; ++i)
    b[i] = i * 5 % 11 - 5;
  for (int i = 0; i < M; ++i)
    for (int k = 0; k < K; ++k)
      for (int j = 0; j < N; ++j)
        expected[i * N + j] += a[i * K + k] * b[k * N + j];
}

/* 0: right; the library's code: refused; 1: wrong. */
static int callInto(float *c) {
  for (int i = 0; i < M * N; ++i)
    c[i] = NAN;
  int code = product(a, b, c);
  return code == 0 && memcmp(c, expected, sizeof expected) != 0 ? 1 : code;
}

static int call(void) {
  float *c = malloc(sizeof expected);
  int code = callInto(c);
  free(c);
  return code;
}

static long statusLine(const char *name) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  long value = -1;
  while (fgets(line, sizeof line, file))
    if (strncmp(line, name, strlen(name)) == 0)
      sscanf(line + strlen(name), ": %ld", &value);
  fclose(file);
  return value;
}

/* Loads, calls and unloads; whether the tenth time is like the last. */
static int unload(const char *path) {
  long threads = 0, kib = 0;
  for (int cycle = 0; cycle < 50; ++cycle) {
    void *library = openLibrary(path);
    int code = call();
    dlclose(library);
    if (code) {
      printf("cycle %d: %d\n", cycle, code);
      return 1;
    }
    if (cycle == 9) {
      threads = statusLine("Threads");
      kib = statusLine("VmSize");
    }
  }
  long moreThreads = statusLine("Threads") - threads;
  long moreKib = statusLine("VmSize") - kib;
  if (moreThreads > 0 || moreKib > 1024) {
    printf("40 cycles: %ld more threads, %ld more KiB\n", moreThreads, moreKib);
    return 1;
  }
  return 0;
}

/* Calls in so many children at once; how many were not right in time. */
static int callInChildren(int count) {
  int bad = 0;
  fflush(stdout);
  for (int child = 0; child < count; ++child)
    if (fork() == 0) {
      alarm(SECONDS / 2);
      int code = call();
      if (code)
        printf("child: %d %s\n", code, describe(code));
      fflush(stdout);
      _exit(code != 0);
    }
  for (int child = 0; child < count; ++child) {
    int status;
    wait(&status);
    if (status != 0)
      printf("child: status 0x%x\n", status);
    bad += status != 0;
  }
  return bad;
}

static int isDone, failures;

static void *callAgain(void *argument) {
  (void)argument;
  while (!__atomic_load_n(&isDone, __ATOMIC_ACQUIRE))
    if (call() != 0)
      __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
  return NULL;
}

static int forkDuring(void) {
  pthread_t threads[2];
  int bad = 0;
  for (int i = 0; i < 2; ++i)
    pthread_create(&threads[i], NULL, callAgain, NULL);
  for (int i = 0; i < 20; ++i) {
    usleep(1000 + 700 * i);
    bad += callInChildren(1);
  }
  __atomic_store_n(&isDone, 1, __ATOMIC_RELEASE);
  for (int i = 0; i < 2; ++i)
    pthread_join(threads[i], NULL);
  return bad + failures;
}

static void *callTenTimes(void *argument) {
  for (int i = 0; i < 10; ++i)
    if (call() != 0)
      __atomic_add_fetch((int *)argument, 1, __ATOMIC_RELAXED);
  return NULL;
}

/* So many threads at once, which have small stacks. */
static int callInThreads(int count) {
  pthread_t threads[64];
  pthread_attr_t attributes;
  int bad = 0;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 << 10);
  for (int i = 0; i < count; ++i)
    pthread_create(&threads[i], &attributes, callTenTimes, &bad);
  for (int i = 0; i < count; ++i)
    pthread_join(threads[i], NULL);
  return bad;
}

/* With so many KiB of address space left. Right, or out of memory and so. */
static int callWithin(long kib) {
  static float c[M * N];
  rlim_t bytes = (statusLine("VmSize") + kib) * 1024;
  struct rlimit limit = {bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
  int code = callInto(c);
  printf("%ld KiB: %d %s\n", kib, code, describe(code));
  return code != 0 && (code != -1 || !strstr(describe(code), "out of memory"));
}

/* On the one processor that is left to it, a process stays one thread. */
static int bound(void) {
  cpu_set_t mask;
  sched_getaffinity(0, sizeof mask, &mask);
  int processor = 0;
  while (!CPU_ISSET(processor, &mask))
    ++processor;
  CPU_ZERO(&mask);
  CPU_SET(processor, &mask);
  sched_setaffinity(0, sizeof mask, &mask);
  int code = call();
  printf("%ld threads\n", statusLine("Threads"));
  return code;
}

static int withCap(void) {
  int code = call();
  long kib = statusLine("VmRSS");
  release();
  long released = kib - statusLine("VmRSS");
  setCap(4096);
  int capped = call();
  printf("%d, then %d: %s\n", code, capped, describe(capped));
  setCap(0);
  code = call();
  printf("without a cap %d, %s\n", code,
         released > 64 ? "released" : "nothing released");
  return code;
}

int main(int argc, char **argv) {
  const char *mode = argv[2];
  int number = argc > 3 ? atoi(argv[3]) : 1, bad = 0;
  alarm(SECONDS * 2);
  fill();
  if (strcmp(mode, "unload") == 0)
    return unload(argv[1]);
  openLibrary(argv[1]);
  if (strcmp(mode, "fork-before") == 0)
    bad = callInChildren(1) + (call() != 0);
  else if (strcmp(mode, "fork") == 0)
    bad = call() + callInChildren(number) + call();
  else if (strcmp(mode, "fork-during") == 0)
    bad = forkDuring();
  else if (strcmp(mode, "threads") == 0)
    bad = callInThreads(number);
  else if (strcmp(mode, "memory") == 0)
    bad = callWithin(number);
  else if (strcmp(mode, "memory-later") == 0)
    bad = call() + callWithin(number);
  else if (strcmp(mode, "bound") == 0)
    bad = bound();
  else if (strcmp(mode, "cap") == 0)
    bad = withCap();
  else
    bad = 1;
  if (bad)
    printf("%s %d: %d bad\n", mode, number, bad);
  return bad != 0;
}
