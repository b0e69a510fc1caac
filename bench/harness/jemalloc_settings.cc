// jemalloc as the benchmarks use it: huge pages for every candidate, and memory is kept rather than
// given back to the system, so that no candidate is timed on page faults.
extern "C" const char* malloc_conf;
const char* malloc_conf = "thp:always,dirty_decay_ms:-1,muzzy_decay_ms:-1";
