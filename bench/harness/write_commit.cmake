# Writes headroom_commit.h; the file is touched only when the commit or its dirtiness changed.
# Called at every build with -DSOURCE_DIR and -DOUTPUT.
set(hash "unknown")
set(dirty "false")
find_package(Git QUIET)
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE_DIR} rev-parse --short=12 HEAD
                  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(hash ${found})
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE_DIR} status --porcelain --untracked-files=no
                    OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      set(dirty "true")
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#pragma once

namespace headroom {
inline constexpr const char* commit_hash = "@hash@";
inline constexpr bool commit_is_dirty = @dirty@;
}  // namespace headroom
]] @ONLY)
