/* Calls a BLAS as programs do, and checks what comes back.

     blas products        all layouts, types, conventions, scalars, ragged sizes
     blas unread          what alpha = 0 and beta = 0 must not read
     blas empty           m, n and k of 0 and 1
     blas special         an Inf among the operands, and sums that overflow
     blas wrong           arguments that the library is to refuse
     blas threads         eight threads at once, the same bits as one
     blas fork            a child before, after and during calls
     blas again           the same bits twice
     blas count           the calling thread asks for fewer threads
     blas alias           C is A: anything, but no crash
     blas wide            64-bit integers, with and without the wheels' prefix
     blas one             one product of 96x96x96, and which plan did it
     blas trap            a program that traps on overflow and invalid operations
     blas jump            an error handler that does not come back
     blas loops           a child with parallel loops of its own
     blas cancel          a thread that is cancelled while it multiplies
     blas rows            the same bits of a row, however many stand beside it
     blas flush           subnormal numbers are zero for a caller who says so
     blas told            OpenBLAS is told to use one thread by its own function

   Prints a line for each, and exits 1 with the reason where one is wrong. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RowMajor = 101, ColMajor = 102, NoTrans = 111, Trans = 112 };

void cblas_sgemm(int, int, int, int, int, int, float, const float *, int,
                 const float *, int, float, float *, int);
void cblas_dgemm(int, int, int, int, int, int, double, const double *, int,
                 const double *, int, double, double *, int);
void sgemm_(const char *, const char *, const int *, const int *, const int *,
            const float *, const float *, const int *, const float *,
            const int *, const float *, float *, const int *);
void dgemm_(const char *, const char *, const int *, const int *, const int *,
            const double *, const double *, const int *, const double *,
            const int *, const double *, double *, const int *);

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / (double)(1ull << 53) - 0.5;
}

/* The plan of this thread's last product; "" without the library. */
static const char *lastPlan(void) {
  const char *(*query)(void);
  *(void **)&query = dlsym(RTLD_DEFAULT, "sevenfold_blas_last_plan");
  return query ? query() : "";
}

/* A product; columns say what lies side by side in memory. */
struct Case {
  int isDouble, isFortran, order, ta, tb, m, n, k, gap;
  double alpha, beta;
};
struct Matrices {
  void *a, *b, *c, *before;
  int lda, ldb, ldc, linesC;
};

static size_t width(const struct Case *p) { return p->isDouble ? 8 : 4; }

static double get(const struct Case *p, const void *x, size_t i) {
  return p->isDouble ? ((const double *)x)[i] : (double)((const float *)x)[i];
}
static void set(const struct Case *p, void *x, size_t i, double value) {
  if (p->isDouble)
    ((double *)x)[i] = value;
  else
    ((float *)x)[i] = (float)value;
}

/* Leading dimension and lines of a rows x columns matrix as it is stored. */
static int leading(const struct Case *p, int rows, int columns, int isTransposed,
                   int *lines) {
  int isByRows = (p->order == RowMajor) != isTransposed;
  *lines = isByRows ? rows : columns;
  return (isByRows ? columns : rows) + p->gap;
}

/* Where element (row, column) of op(X) is. */
static size_t at(const struct Case *p, int row, int column, int isTransposed,
                 int ld) {
  int isByRows = (p->order == RowMajor) != isTransposed;
  return isByRows ? (size_t)row * ld + column : (size_t)column * ld + row;
}

static void *draw(const struct Case *p, size_t count, uint64_t *seed) {
  void *x = malloc(count * width(p) + 1);
  for (size_t i = 0; i < count; ++i)
    set(p, x, i, uniform(seed));
  return x;
}

static struct Matrices make(const struct Case *p, uint64_t seed) {
  struct Matrices x;
  int lines;
  x.lda = leading(p, p->m, p->k, p->ta, &lines);
  x.a = draw(p, (size_t)x.lda * lines, &seed);
  x.ldb = leading(p, p->k, p->n, p->tb, &lines);
  x.b = draw(p, (size_t)x.ldb * lines, &seed);
  x.ldc = leading(p, p->m, p->n, 0, &x.linesC);
  x.c = draw(p, (size_t)x.ldc * x.linesC, &seed);
  x.before = malloc((size_t)x.ldc * x.linesC * width(p) + 1);
  memcpy(x.before, x.c, (size_t)x.ldc * x.linesC * width(p));
  return x;
}

static void release(struct Matrices *x) {
  free(x->a), free(x->b), free(x->c), free(x->before);
}

static void multiply(const struct Case *p, struct Matrices *x) {
  char ta = p->ta ? 'T' : 'n', tb = p->tb ? 'c' : 'N';
  float alpha = (float)p->alpha, beta = (float)p->beta;
  if (p->isFortran && p->isDouble)
    dgemm_(&ta, &tb, &p->m, &p->n, &p->k, &p->alpha, x->a, &x->lda, x->b,
           &x->ldb, &p->beta, x->c, &x->ldc);
  else if (p->isFortran)
    sgemm_(&ta, &tb, &p->m, &p->n, &p->k, &alpha, x->a, &x->lda, x->b, &x->ldb,
           &beta, x->c, &x->ldc);
  else if (p->isDouble)
    cblas_dgemm(p->order, p->ta ? Trans : NoTrans, p->tb ? Trans : NoTrans,
                p->m, p->n, p->k, p->alpha, x->a, x->lda, x->b, x->ldb,
                p->beta, x->c, x->ldc);
  else
    cblas_sgemm(p->order, p->ta ? Trans : NoTrans, p->tb ? Trans : NoTrans,
                p->m, p->n, p->k, alpha, x->a, x->lda, x->b, x->ldb, beta, x->c,
                x->ldc);
}

static void complain(const struct Case *p, const char *what, int row, int column,
                     double got, double wanted) {
  fprintf(stderr,
          "%s %s order %d ta %d tb %d %dx%dx%d gap %d alpha %g beta %g: %s at "
          "(%d, %d): %g, not %g\n",
          p->isDouble ? "f64" : "f32", p->isFortran ? "fortran" : "cblas",
          p->order, p->ta, p->tb, p->m, p->k, p->n, p->gap, p->alpha, p->beta,
          what, row, column, got, wanted);
  exit(1);
}

/* Against sums in double; whatever is not finite has to be so in both. */
static void check(const struct Case *p, const struct Matrices *x) {
  double eps = p->isDouble ? 0x1p-53 : 0x1p-24;
  int isByRows = p->order == RowMajor;
  for (int i = 0; i < p->m; ++i)
    for (int j = 0; j < p->n; ++j) {
      double sum = 0, bound = 0;
      size_t place = at(p, i, j, 0, x->ldc);
      for (int l = 0; l < p->k && p->alpha != 0; ++l)
        sum += get(p, x->a, at(p, i, l, p->ta, x->lda)) *
               get(p, x->b, at(p, l, j, p->tb, x->ldb));
      double wanted = p->alpha == 0 ? 0 : p->alpha * sum;
      if (p->beta != 0)
        wanted += p->beta * get(p, x->before, place);
      if (!p->isDouble && isfinite(wanted))
        wanted = (float)wanted;
      double got = get(p, x->c, place);
      bound = 400 * eps * (p->k + 8) * (fabs(p->alpha) + fabs(p->beta) + 1);
      if (isfinite(wanted) ? !(fabs(got - wanted) <=
                               bound * fmax(1, fabs(wanted)))
                           : isfinite(got))
        complain(p, "wrong", i, j, got, wanted);
    }
  for (int line = 0; line < x->linesC; ++line)
    for (int i = isByRows ? p->n : p->m; i < x->ldc; ++i) {
      size_t place = (size_t)line * x->ldc + i;
      double got = get(p, x->c, place), was = get(p, x->before, place);
      if (memcmp(&got, &was, sizeof got) != 0)
        complain(p, "written between the lines", line, i, got, was);
    }
}

static void products(void) {
  static const int sizes[][3] = {{96, 96, 96}, {97, 51, 65}, {64, 33, 130},
                                 {3, 5, 2},    {2, 2, 2},    {1, 40, 9}};
  static const double scalars[][2] = {{1, 0}, {1, 1}, {-1, 1}, {0.5, 0},
                                      {2, -0.75}};
  int count = 0, planned = 0;
  for (int bits = 0; bits < 64; ++bits)
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; ++s)
      for (int v = 0; v < 5; ++v) {
        struct Case p = {bits & 1,      (bits >> 1) & 1, RowMajor,
                         (bits >> 2) & 1, (bits >> 3) & 1, sizes[s][0],
                         sizes[s][1],   sizes[s][2],     bits & 16 ? 7 : 0,
                         scalars[v][0], scalars[v][1]};
        if (bits & 32 || p.isFortran)
          p.order = ColMajor;
        struct Matrices x = make(&p, (uint64_t)bits * 100 + s * 10 + v);
        multiply(&p, &x);
        planned += lastPlan()[0] != 0;
        check(&p, &x);
        release(&x);
        ++count;
      }
  printf("%d products are right, %d by plans\n", count, planned);
}

static void fill(const struct Case *p, void *x, size_t count, double value) {
  for (size_t i = 0; i < count; ++i)
    set(p, x, i, value);
}

static void unread(void) {
  int count = 0;
  for (int isDouble = 0; isDouble < 2; ++isDouble)
    for (int isAlpha = 0; isAlpha < 2; ++isAlpha) {
      struct Case p = {isDouble, 0,  RowMajor,       0, 0, 80, 70, 60, 3,
                       isAlpha ? 0 : 1, isAlpha ? 2 : 0};
      struct Matrices x = make(&p, 1);
      if (isAlpha) {
        fill(&p, x.a, (size_t)x.lda * p.m, NAN);
        fill(&p, x.b, (size_t)x.ldb * p.k, NAN);
      } else {
        fill(&p, x.c, (size_t)x.ldc * p.m, NAN);
        memcpy(x.before, x.c, (size_t)x.ldc * p.m * width(&p));
      }
      multiply(&p, &x);
      // Not every library keeps to that.
      if (lastPlan()[0])
        check(&p, &x), ++count;
      release(&x);
    }
  printf("%d products read nothing that they must not\n", count);
}

static void empty(void) {
  int count = 0;
  for (int bits = 0; bits < 32; ++bits)
    for (int sizes = 0; sizes < 27; ++sizes) {
      static const int each[] = {0, 1, 33};
      struct Case p = {bits & 1,
                       0,
                       bits & 2 ? ColMajor : RowMajor,
                       (bits >> 2) & 1,
                       (bits >> 3) & 1,
                       each[sizes % 3],
                       each[sizes / 3 % 3],
                       each[sizes / 9],
                       1,
                       1,
                       bits & 16 ? 0.5 : 0};
      struct Matrices x = make(&p, sizes);
      multiply(&p, &x);
      check(&p, &x);
      release(&x);
      ++count;
    }
  printf("%d products of 0 and 1 are right\n", count);
}

static void special(void) {
  int notFinite = 0;
  for (int isAdded = 0; isAdded < 2; ++isAdded)
    for (int times = 0; times < 4; ++times) {
      struct Case p = {times & 1, 0, RowMajor, 0, 0, 96, 96, 96, 0, 1, isAdded};
      struct Matrices x = make(&p, 5);
      set(&p, x.a, 5 * 96 + 7, INFINITY);
      set(&p, x.b, 9 * 96 + 11, NAN);
      multiply(&p, &x);
      check(&p, &x);
      for (int i = 0; i < 96 * 96; ++i)
        notFinite += !isfinite(get(&p, x.c, i));
      release(&x);
    }
  // A row, a column, and what both touch.
  if (notFinite != 8 * (96 + 96 - 1))
    fail("other elements than those that an Inf and a NaN touch");
  for (int isDouble = 0; isDouble < 2; ++isDouble) {
    struct Case p = {isDouble, 0, RowMajor, 0, 0, 64, 64, 64, 0, 1, 0};
    struct Matrices x = make(&p, 6);
    fill(&p, x.a, 64 * 64, isDouble ? 1.5e308 : 3e38);
    fill(&p, x.b, 64 * 64, 0);
    for (int i = 0; i < 64; ++i)
      set(&p, x.b, i * 64 + i, 0.5);
    multiply(&p, &x);
    check(&p, &x);
    release(&x);
  }
  puts("Inf and NaN go where they belong, and no sum overflows");
}

/* What libraries call, as the program has it. */
static int jumps;
static jmp_buf home;
void xerbla_(const char *name, const int *number, size_t length) {
  if (jumps)
    longjmp(home, 1);
  printf("%.*s: parameter %d\n", (int)length, name, *number);
}

static void wrong(void) {
  double x[16] = {0};
  cblas_dgemm(RowMajor, NoTrans, NoTrans, 4, 4, 4, 1, x, 3, x, 4, 0, x, 4);
  cblas_dgemm(RowMajor, 7, NoTrans, 4, 4, 4, 1, x, 4, x, 4, 0, x, 4);
  cblas_dgemm(RowMajor, NoTrans, NoTrans, -4, 4, 4, 1, x, 4, x, 4, 0, x, 4);
  int four = 4, three = 3;
  double one = 1;
  dgemm_("N", "N", &four, &four, &four, &one, x, &three, x, &four, &one, x,
         &four);
  dgemm_("X", "N", &four, &four, &four, &one, x, &four, x, &four, &one, x,
         &four);
  puts("wrong arguments come back");
}

struct Work {
  struct Case p;
  void *expected;
  int isWrong;
};

static void *calls(void *argument) {
  struct Work *work = argument;
  for (int round = 0; round < 6; ++round) {
    struct Matrices x = make(&work->p, 77);
    multiply(&work->p, &x);
    if (memcmp(x.c, work->expected,
               (size_t)x.ldc * x.linesC * width(&work->p)) != 0)
      work->isWrong = 1;
    release(&x);
  }
  return NULL;
}

static void threads(void) {
  struct Work work[8];
  pthread_t thread[8];
  for (int i = 0; i < 8; ++i) {
    struct Case p = {i & 1, 0, RowMajor, (i >> 1) & 1, (i >> 2) & 1,
                     230 + i, 200,     190,          i & 1, 1,
                     i & 2 ? 1 : 0};
    struct Matrices x = make(&p, 77);
    multiply(&p, &x);
    work[i] = (struct Work){p, x.c, 0};
  }
  for (int i = 0; i < 8; ++i)
    pthread_create(&thread[i], NULL, calls, &work[i]);
  for (int i = 0; i < 8; ++i) {
    pthread_join(thread[i], NULL);
    if (work[i].isWrong)
      fail("a product of one thread beside others has other bits");
  }
  puts("eight threads have the bits of one");
}

static void once(void) {
  struct Case p = {1, 0, RowMajor, 0, 0, 200, 200, 200, 0, 1, 0};
  struct Matrices x = make(&p, 3);
  multiply(&p, &x);
  check(&p, &x);
  release(&x);
}

static void inChild(void) {
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    once();
    _exit(0);
  }
  int status;
  if (waitpid(child, &status, 0) != child || status != 0)
    fail("a child was wrong or hung");
}

static volatile int isOver;
static void *repeat(void *argument) {
  while (!isOver)
    once();
  return argument;
}

static void forks(void) {
  inChild();
  once();
  inChild();
  pthread_t thread;
  pthread_create(&thread, NULL, repeat, NULL);
  for (int i = 0; i < 5; ++i)
    inChild();
  isOver = 1;
  pthread_join(thread, NULL);
  once();
  puts("children are right");
}

static void again(void) {
  struct Case p = {0, 0, RowMajor, 0, 1, 150, 170, 190, 0, 1, 0};
  struct Matrices x = make(&p, 8), y = make(&p, 8);
  multiply(&p, &x);
  multiply(&p, &y);
  if (memcmp(x.c, y.c, 150 * 170 * 4) != 0)
    fail("the same product has other bits");
  puts("the same bits twice");
}

static void count(void) {
  void (*setThreads)(int);
  *(void **)&setThreads = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  once();
  printf("all threads: %s\n", lastPlan()[0] ? "a plan" : "the library");
  if (setThreads)
    setThreads(1);
  once();
  printf("one thread: %s\n", lastPlan()[0] ? "a plan" : "the library");
}

static void alias(void) {
  struct Case p = {1, 0, RowMajor, 0, 0, 128, 128, 128, 0, 1, 0};
  struct Matrices x = make(&p, 9);
  cblas_dgemm(RowMajor, NoTrans, NoTrans, 128, 128, 128, 1, x.c, 128, x.b, 128,
              0, x.c, 128);
  printf("alias: %s\n", lastPlan()[0] ? "a plan" : "the library");
}

static void wide(void) {
  typedef void (*Dgemm)(int, int, int, int64_t, int64_t, int64_t, double,
                        const double *, int64_t, const double *, int64_t,
                        double, double *, int64_t);
  static const char *names[] = {"cblas_dgemm64_", "cblas_dgemm_64",
                                "scipy_cblas_dgemm64_"};
  for (int i = 0; i < 3; ++i) {
    Dgemm dgemm;
    *(void **)&dgemm = dlsym(RTLD_DEFAULT, names[i]);
    if (!dgemm)
      fail(names[i]);
    struct Case p = {1, 0, RowMajor, 0, 0, 96, 96, 96, 4, 1, 0};
    struct Matrices x = make(&p, 10);
    dgemm(RowMajor, NoTrans, NoTrans, 96, 96, 96, 1, x.a, x.lda, x.b, x.ldb, 0,
          x.c, x.ldc);
    check(&p, &x);
    printf("%s: %s\n", names[i], lastPlan()[0] ? "a plan" : "the library");
    release(&x);
  }
}

static void one(void) {
  struct Case p = {0, 0, RowMajor, 0, 0, 96, 96, 96, 0, 1, 0};
  struct Matrices x = make(&p, 11);
  multiply(&p, &x);
  check(&p, &x);
  printf("one product: %s\n", lastPlan()[0] ? lastPlan() : "the library");
}

/* Sums of a plan overflow where the product does not; the program asked to be
   killed on overflow of its own. */
static void trap(void) {
  struct Case p = {1, 0, RowMajor, 0, 0, 64, 64, 64, 0, 1, 0};
  struct Matrices x = make(&p, 6);
  fill(&p, x.a, 64 * 64, 1.5e308);
  fill(&p, x.b, 64 * 64, 0);
  for (int i = 0; i < 64; ++i)
    set(&p, x.b, i * 64 + i, 0.5);
  feclearexcept(FE_ALL_EXCEPT);
  feenableexcept(FE_OVERFLOW | FE_INVALID | FE_DIVBYZERO);
  multiply(&p, &x);
  int raised = fetestexcept(FE_OVERFLOW | FE_INVALID);
  fedisableexcept(FE_ALL_EXCEPT);
  check(&p, &x);
  printf("nothing traps%s\n", raised ? ", but flags are raised" : "");
}

static void jump(void) {
  jumps = 1;
  for (volatile int i = 0; i < 2; ++i) {
    int four = 4, three = 3;
    double one = 1, x[16] = {0};
    if (!setjmp(home)) {
      dgemm_("N", "N", &four, &four, &four, &one, x, &three, x, &four, &one, x,
             &four);
      fail("a wrong argument was not told of");
    }
  }
  once();
  printf("after an error: %s\n", lastPlan()[0] ? "a plan" : "the library");
}

static void loops(void) {
  once();
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    int sum = 0;
#pragma omp parallel for reduction(+ : sum)
    for (int i = 0; i < 1000; ++i)
      sum += i;
    _exit(sum == 499500 ? 0 : 1);
  }
  int status;
  if (waitpid(child, &status, 0) != child || status != 0)
    fail("a child's own loop hung");
  once();
  puts("a child has loops of its own");
}

static void *forever(void *argument) {
  for (;;) {
    once();
    pthread_testcancel();
  }
  return argument;
}

static void cancel(void) {
  for (int i = 0; i < 10; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, forever, NULL);
    usleep(20000 + 1000 * i);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    once();
  }
  printf("after threads were cancelled: %s\n",
         lastPlan()[0] ? "a plan" : "the library");
}

static void told(void) {
  void (*setThreads)(int);
  int (*getThreads)(void);
  *(void **)&setThreads = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
  *(void **)&getThreads = dlsym(RTLD_DEFAULT, "openblas_get_num_threads");
  if (!setThreads || !getThreads)
    fail("no OpenBLAS");
  setThreads(1);
  once();
  printf("one thread: %s, and there is %d afterwards\n",
         lastPlan()[0] ? "a plan" : "the library", getThreads());
}

/* In all threads: what one computes is a part of the rows. */
static void flush(void) {
#ifdef __x86_64__
  enum { FlushToZero = 0x8000 };
  struct Case p = {0, 0, RowMajor, 0, 0, 200, 96, 96, 0, 1, 0};
  struct Matrices x = make(&p, 12);
  int count[2] = {0, 0};
  fill(&p, x.a, 200 * 96, 1e-30);
  fill(&p, x.b, 96 * 96, 1e-12);
  for (int isFlushed = 0; isFlushed < 2; ++isFlushed) {
    unsigned before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(isFlushed ? before | FlushToZero : before);
    multiply(&p, &x);
    __builtin_ia32_ldmxcsr(before);
    for (int i = 0; i < 200 * 96; ++i)
      count[isFlushed] += ((float *)x.c)[i] != 0;
  }
  if (!lastPlan()[0] || count[0] != 200 * 96 || count[1] != 0)
    fail("subnormal numbers are not what the caller takes them for");
#endif
  puts("subnormal numbers are what the caller takes them for");
}

/* Rows of one A, as many at a time as each of these. */
static void rows(void) {
  static const int counts[] = {1,  2,  3,  5,  7,  8,   12,  13,  14, 15,
                               27, 28, 29, 42, 64, 100, 181, 182, 300};
  static const int depths[] = {40, 700, 2100};
  for (int bits = 0; bits < 8; ++bits)
    for (int d = 0; d < 3; ++d) {
      struct Case all = {bits & 1, 0, RowMajor, 0, (bits >> 1) & 1, 300, 150,
                         depths[d], bits & 4 ? 3 : 0, 1, 0};
      struct Matrices x = make(&all, 20);
      multiply(&all, &x);
      if (!lastPlan()[0])
        fail("no plan");
      for (size_t i = 0; i < sizeof counts / sizeof counts[0]; ++i) {
        struct Case part = all;
        struct Matrices y = x;
        part.m = counts[i];
        y.c = malloc((size_t)x.ldc * x.linesC * width(&all));
        multiply(&part, &y);
        for (int row = 0; row < part.m; ++row)
          if (memcmp((char *)x.c + (size_t)row * x.ldc * width(&all),
                     (char *)y.c + (size_t)row * x.ldc * width(&all),
                     all.n * width(&all)) != 0)
            complain(&part, "other bits than among 300 rows", row, 0, 0, 0);
        free(y.c);
      }
      release(&x);
    }
  puts("a row has the same bits in every batch");
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(void);
  } modes[] = {{"products", products}, {"unread", unread}, {"empty", empty},
               {"special", special},   {"wrong", wrong},   {"threads", threads},
               {"fork", forks},        {"again", again},   {"count", count},
               {"alias", alias},       {"wide", wide},     {"one", one},
               {"trap", trap},         {"jump", jump},     {"loops", loops},
               {"cancel", cancel},     {"told", told},
               {"rows", rows},         {"flush", flush}};
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; ++i)
    if (argc == 2 && strcmp(argv[1], modes[i].name) == 0) {
      modes[i].run();
      return 0;
    }
  fail("usage: blas MODE");
}
