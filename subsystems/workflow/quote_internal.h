// Input in error messages, as templating/quote.h shows it.
#pragma once

#include "subsystems/templating/quote.h"

namespace engine::workflow::internal {

using templating::character_bytes;
using templating::did_you_mean;
using templating::excerpt;
using templating::in_quotes;
using templating::is_utf8;

}  // namespace engine::workflow::internal
