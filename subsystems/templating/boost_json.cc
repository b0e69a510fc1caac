// Boost.JSON itself: its headers declare it, and this is the one place that compiles it.
#include <boost/json/src.hpp>
