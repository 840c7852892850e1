/*
 * Moves the calendar clock of every process that loads it with LD_PRELOAD by MOVED_CLOCK_SECONDS. Monotonic time, by which
 * timers and deadlines run, stays as it is, and so does every way to wait.
 *
 * libfaketime does more: it also wraps what waits. Under it a signal handler that interrupts such a wait sees the true
 * time, so that PostgreSQL's lock_timeout never fires, and Chromium spins instead of waiting.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long long moved;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
  const char *seconds = getenv("MOVED_CLOCK_SECONDS");
  moved = seconds == NULL ? 0 : atoll(seconds);
  real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  /* Another library may ask before this one has begun. */
  if (real_clock_gettime == NULL) begin();
  int failed = real_clock_gettime(clock, now);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += moved;
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec precise;
  int failed = clock_gettime(CLOCK_REALTIME, &precise);
  if (failed) return failed;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (result != NULL) *result = precise.tv_sec;
  return precise.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}
